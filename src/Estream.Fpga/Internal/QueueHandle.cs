using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Estream.Fpga.Internal;

/// <summary>The pair of rings of a device. Keeps the device open until it is gone itself.</summary>
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

    /// <summary>The queue for calls on the hot path: whoever makes them holds this handle, and disposes it behind them.</summary>
    public nint Value => handle;

    protected override bool ReleaseHandle()
    {
        bool isOk = NativeMethods.DestroyQueue(handle) == NativeMethods.CallStatus.Ok;
        _device.DangerousRelease();
        return isOk;
    }
}

/// <summary>A device of the native library. Closed once, when nobody uses it any more.</summary>
internal sealed class DeviceHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public DeviceHandle(nint device)
        : base(ownsHandle: true) => SetHandle(device);

    protected override bool ReleaseHandle() => NativeMethods.Close(handle) == NativeMethods.CallStatus.Ok;
}
