using System.Runtime.InteropServices;

namespace Estream.Fpga.Internal;

/// <summary>Converts errors of the native library to exceptions.</summary>
internal static unsafe class NativeErrors
{
    // SAFETY: the library keeps the text, which ends with a 0, until the next call of this thread.
    public static string LastText() => Marshal.PtrToStringUTF8((nint)NativeMethods.GetLastError()) is { Length: > 0 } text
        ? text
        : "The native library gave no reason.";

    public static EstreamFpgaException Of(NativeMethods.CallStatus status, string uri) => new(LastText(), uri, ReasonOf(status));

    private static FpgaFailure ReasonOf(NativeMethods.CallStatus status) => status switch
    {
        NativeMethods.CallStatus.Unavailable => FpgaFailure.Unavailable,
        NativeMethods.CallStatus.DeviceGone => FpgaFailure.Gone,
        NativeMethods.CallStatus.Timeout => FpgaFailure.Timeout,
        NativeMethods.CallStatus.DmaError => FpgaFailure.Memory,
        NativeMethods.CallStatus.AbiMismatch => FpgaFailure.NoLibrary,
        _ => FpgaFailure.Other,
    };
}
