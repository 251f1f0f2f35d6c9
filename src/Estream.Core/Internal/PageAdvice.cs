using System.Runtime.InteropServices;

namespace Estream.Core.Internal;

/// <summary>System calls on whole pages: extends a window to page boundaries, which are always inside the same mapping.</summary>
internal static unsafe class PageAdvice
{
    public static void Apply(RegionSpan part, int advice)
    {
        (nuint start, nuint length) = Pages(part);

        // SAFETY: the pages belong to a live mapping (the window came from it); advice never changes their contents.
        _ = NativeMethods.Advise((void*)start, length, advice);
    }

    /// <returns>0, or the errno.</returns>
    public static int TryApply(RegionSpan part, int advice)
    {
        (nuint start, nuint length) = Pages(part);
        int error;
        do
        {
            // SAFETY: as in Apply.
            error = NativeMethods.Advise((void*)start, length, advice) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        while (error is NativeMethods.ErrorInterrupted or NativeMethods.ErrorTryAgain);
        return error;
    }

    /// <returns>0, or the errno.</returns>
    public static int Sync(RegionSpan part)
    {
        (nuint start, nuint length) = Pages(part);

        // SAFETY: the pages belong to a live mapping (the window came from it); syncing only reads them.
        return NativeMethods.Sync((void*)start, length, NativeMethods.MsSync) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    private static (nuint Start, nuint Length) Pages(RegionSpan part)
    {
        nuint mask = (nuint)Environment.SystemPageSize - 1;
        nuint first = part.Address & ~mask;
        return (first, part.Address - first + (nuint)part.Length);
    }
}
