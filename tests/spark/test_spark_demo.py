"""Questions 8 and 9 of the demo, on a Spark that believes itself there."""

from __future__ import annotations

from ironwheel import demo
from ironwheel.demo import spark as question
from ironwheel.demo import work
from ironwheel.demo.answer import Answer


def test_the_question_about_synapse_is_answered(spark, monkeypatch):
    monkeypatch.setenv("AZURE_SERVICE", "Microsoft.ProjectArcadia")
    answer = Answer(8, question.ON_SYNAPSE).finish(lambda asked: question.ask_synapse(asked, work.Work(True)))
    assert (answer.status, answer.error) == (demo.ANSWERED, "")
    assert [line.equal for line in answer.lines] == [True, True]
    assert "ironwheel.spark.profile of 2,000,000 rows in 2 partitions" in answer.lines[1].what


def test_executors_without_the_wheel(spark, monkeypatch):
    def without(index):
        raise ModuleNotFoundError("No module named 'ironwheel'")

    monkeypatch.setenv("AZURE_SERVICE", "Microsoft.ProjectArcadia")
    monkeypatch.setattr(question, "on_executor", without)
    answer = Answer(8, question.ON_SYNAPSE).finish(lambda asked: question.ask_synapse(asked, work.Work(True)))
    assert answer.status == demo.NOT_RUN and "the executors do not" in answer.needs
