using Estream.Core;
using Estream.Map.Tests;

namespace Estream.Circuits.Tests.Metering;

/// <summary>The file system over a simulated device that can fail, and whose content is known.</summary>
internal sealed class DeviceStorage : PassThroughStorage
{
    private readonly Dictionary<string, byte[]> _device = [];

    /// <summary>Whether the device fails all writes.</summary>
    public bool Refuses { get; set; }

    /// <summary>Returns the durable content of a file: bytes that were never flushed are zeros.</summary>
    public byte[] OnDevice(string path) => _device[path];

    public override MemoryRegion CreateRegion(string path, long length) => new Region(base.CreateRegion(path, length), path, this);

    public override MemoryRegion OpenRegion(string path, RegionAccess access) => new Region(base.OpenRegion(path, access), path, this);

    public override void Rename(string path, string newPath)
    {
        base.Rename(path, newPath);
        if (_device.Remove(path, out byte[]? bytes))
        {
            _device[newPath] = bytes;
        }
    }

    private void Take(string path, long length, long offset, ReadOnlySpan<byte> bytes)
    {
        if (Refuses)
        {
            throw new EstreamStorageException($"The device failed: '{path}'.", path, StorageFailure.Device);
        }

        if (!_device.TryGetValue(path, out byte[]? file))
        {
            _device[path] = file = new byte[length];
        }

        bytes.CopyTo(file.AsSpan((int)offset));
    }

    private sealed class Region(MemoryRegion inner, string path, DeviceStorage storage) : DelegatingRegion(inner)
    {
        public override void Flush(long offset, long length)
        {
            storage.Take(path, Length, offset, All.ReadOnlySpan(offset, (int)length));
            base.Flush(offset, length);
        }
    }
}
