namespace Estream.Core.Internal;

/// <summary>Sleeps shorter than a millisecond, which Thread.Sleep rounds to zero.</summary>
internal static unsafe class ShortSleep
{
    public static void Microseconds(int microseconds)
    {
        if (!OperatingSystem.IsLinux())
        {
            Thread.Sleep(TimeSpan.FromMilliseconds(Math.Max(1, microseconds / 1_000)));
            return;
        }

        var duration = new NativeMethods.TimeSpec { Seconds = microseconds / 1_000_000, Nanoseconds = microseconds % 1_000_000 * 1_000L };

        // SAFETY: a struct on this stack, read during the call only. A signal may end the sleep early; all callers loop.
        _ = NativeMethods.Sleep(&duration, null);
    }
}
