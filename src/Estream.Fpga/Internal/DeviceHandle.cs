using Microsoft.Win32.SafeHandles;

namespace Estream.Fpga.Internal;

/// <summary>A device of the native library. Closed once, when nobody uses it any more.</summary>
internal sealed class DeviceHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public DeviceHandle(nint device)
        : base(ownsHandle: true) => SetHandle(device);

    protected override bool ReleaseHandle() => NativeMethods.Close(handle) == NativeMethods.CallStatus.Ok;
}
