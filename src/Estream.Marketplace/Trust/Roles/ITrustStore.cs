namespace Estream.Marketplace.Trust.Roles;

/// <summary>The storage of a client's trust state: a file, or memory for a trial run.</summary>
internal interface ITrustStore
{
    /// <summary>The name of the store in messages.</summary>
    string Path { get; }

    /// <summary>Returns the stored bytes, or null.</summary>
    byte[]? Read();

    /// <summary>Replaces the bytes that were read. Returns false and writes nothing if the store has other bytes now.</summary>
    bool TryReplace(byte[]? read, byte[] next);
}

/// <summary>A trust state that lives as long as this object. Not thread-safe.</summary>
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
