/* The one function that Rust's standard library asks of bcryptprimitives.dll, for Wine before 9, which has no such
   DLL; random bytes come from bcrypt.dll, which it has. For test_windows.py; no part of what is shipped. */
#include <windows.h>
#include <bcrypt.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) {
    const SIZE_T most = 1u << 30; /* bcrypt.dll counts in 32 bits */
    for (SIZE_T done = 0, step; done < size; done += step) {
        step = size - done < most ? size - done : most;
        if (BCryptGenRandom(NULL, data + done, (ULONG)step, BCRYPT_USE_SYSTEM_PREFERRED_RNG) != 0) return FALSE;
    }
    return TRUE;
}
