using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Estream.Fpga.Internal;

/// <summary>The pair of rings of a device. Keeps the device open until the rings are released.</summary>
internal sealed class QueueHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly DeviceHandle _device;

    public QueueHandle(nint queue, DeviceHandle device)
        : base(ownsHandle: true)
    {
        bool isHeld = false;
        device.DangerousAddRef(ref isHeld);
        _device = device;
        SetHandle(queue);
    }

    /// <summary>The raw handle for calls on the hot path. The caller keeps this object alive during a call, and disposes it
    /// afterwards.</summary>
    public nint Value => handle;

    protected override bool ReleaseHandle()
    {
        bool isOk = NativeMethods.DestroyQueue(handle) == NativeMethods.CallStatus.Ok;
        _device.DangerousRelease();
        return isOk;
    }
}

/// <summary>A device of the native library. Closed once, when it has no more users.</summary>
internal sealed class DeviceHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public DeviceHandle(nint device)
        : base(ownsHandle: true) => SetHandle(device);

    protected override bool ReleaseHandle() => NativeMethods.Close(handle) == NativeMethods.CallStatus.Ok;
}
