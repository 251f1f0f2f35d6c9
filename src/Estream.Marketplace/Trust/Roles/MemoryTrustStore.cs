namespace Estream.Marketplace.Trust.Roles;

/// <summary>Trust that is gone with this object. Not thread-safe.</summary>
internal sealed class MemoryTrustStore : ITrustStore
{
    private byte[]? _bytes;

    public string Path => "memory";

    public byte[]? Read() => _bytes;

    public bool TryReplace(byte[]? read, byte[] next)
    {
        _bytes = next;
        return true;
    }
}
