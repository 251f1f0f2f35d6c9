namespace Estream.Marketplace.Trust.Roles;

/// <summary>Where what was believed of a registry is kept: a file, or memory for as long as somebody tries something.</summary>
internal interface ITrustStore
{
    /// <summary>What it is called in messages.</summary>
    string Path { get; }

    /// <summary>The bytes there are, or null.</summary>
    byte[]? Read();

    /// <summary>Replaces what was read; false where others than those bytes are there, and then nothing was written.</summary>
    bool TryReplace(byte[]? read, byte[] next);
}

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
