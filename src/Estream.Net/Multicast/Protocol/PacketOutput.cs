using Estream.Core;

namespace Estream.Net.Multicast.Internal;

/// <summary>
/// Builds and sends the packets of one sender. The caller writes a body into <see cref="Body"/>, then sends it; a body whose packet was
/// refused can be sent again. Not thread-safe; allocates only when the session changes.
/// </summary>
internal sealed class PacketOutput : IDisposable
{
    private readonly IPacketSender _sender;
    private readonly byte[]? _key;
    private readonly ulong _senderId;
    private readonly uint _stream;
    private readonly byte[] _packet;
    private readonly byte[] _encrypted;
    private PacketCipher? _cipher;
    private ulong _number;
    private ulong _session;

    public PacketOutput(IPacketSender sender, IClock clock, byte[]? key, ulong senderId, uint stream, int maxPacketBytes)
    {
        _sender = sender;
        _key = key;
        _senderId = senderId;
        _stream = stream;
        _packet = new byte[maxPacketBytes];
        _encrypted = new byte[key is null ? 0 : maxPacketBytes];

        // The time of day: a sender id that is drawn twice has the same nonces only if, in addition, the clock was set back.
        _number = (ulong)Math.Max(1, clock.UtcNanos);
        MaxBodyBytes = maxPacketBytes - PacketLayout.HeaderBytes - (key is null ? 0 : PacketLayout.TagBytes);
        _cipher = Derive();
    }

    /// <summary>The largest body.</summary>
    public int MaxBodyBytes { get; }

    /// <summary>Whether bodies are copied anyway, so that passing the log as a second part saves nothing.</summary>
    public bool IsEncrypted => _key is not null;

    /// <summary>The body to write.</summary>
    public Span<byte> Body => BodyOf(_packet);

    /// <summary>The body in a buffer of its own, for a packet that must be kept until it is sent.</summary>
    /// <param name="buffer">A buffer of <see cref="CreateBuffer"/>.</param>
    public Span<byte> BodyOf(byte[] buffer) => buffer.AsSpan(PacketLayout.HeaderBytes, MaxBodyBytes);

    /// <summary>Creates a buffer for a packet that must be kept until it is sent.</summary>
    public byte[] CreateBuffer() => new byte[_packet.Length];

    public ulong Session
    {
        get => _session;
        set
        {
            if (_session != value)
            {
                _session = value;
                _cipher?.Dispose();
                _cipher = Derive();
            }
        }
    }

    /// <summary>Packets sent.</summary>
    public long Packets { get; private set; }

    /// <summary>Bytes sent, headers included.</summary>
    public long Bytes { get; private set; }

    /// <summary>Sends a packet to the group.</summary>
    /// <param name="type">The type.</param>
    /// <param name="flags">The flags, without <see cref="PacketFlags.Encrypted"/>.</param>
    /// <param name="bodyLength">The number of bytes of <see cref="Body"/>.</param>
    /// <param name="rest">The end of the body, not copied; empty if the packets are encrypted.</param>
    /// <param name="buffer">The buffer with the body; null for <see cref="Body"/>.</param>
    public bool TrySendToGroup(
        PacketType type, PacketFlags flags, int bodyLength, ReadOnlySpan<byte> rest = default, byte[]? buffer = null)
    {
        ReadOnlySpan<byte> packet = Build(type, flags, bodyLength, rest, buffer ?? _packet);
        return Count(_sender.TrySendToGroup(packet, rest), packet.Length + rest.Length);
    }

    /// <summary>Sends a packet to one address. The parameters are those of <see cref="TrySendToGroup"/>.</summary>
    public bool TrySend(in PacketAddress address, PacketType type, PacketFlags flags, int bodyLength, ReadOnlySpan<byte> rest = default)
    {
        ReadOnlySpan<byte> packet = Build(type, flags, bodyLength, rest, _packet);
        return Count(_sender.TrySend(address, packet, rest), packet.Length + rest.Length);
    }

    public void Dispose() => _cipher?.Dispose();

    private ReadOnlySpan<byte> Build(PacketType type, PacketFlags flags, int bodyLength, ReadOnlySpan<byte> rest, byte[] buffer)
    {
        ulong number = _number++;
        if (_cipher is null)
        {
            PacketCodec.Write(buffer, new PacketHeader(type, flags, _session, _senderId, number, _stream), bodyLength + rest.Length);
            PacketCodec.Seal(buffer, BodyOf(buffer)[..bodyLength], rest);
            return buffer.AsSpan(0, PacketLayout.HeaderBytes + bodyLength);
        }

        PacketHeader header = new(type, flags | PacketFlags.Encrypted, _session, _senderId, number, _stream);
        PacketCodec.Write(_encrypted, header, bodyLength);
        _cipher.Encrypt(
            number, _encrypted.AsSpan(0, PacketLayout.HeaderBytes), BodyOf(buffer)[..bodyLength],
            _encrypted.AsSpan(PacketLayout.HeaderBytes));
        return _encrypted.AsSpan(0, PacketLayout.HeaderBytes + bodyLength + PacketLayout.TagBytes);
    }

    private bool Count(bool isSent, int length)
    {
        if (isSent)
        {
            Packets++;
            Bytes += length;
        }

        return isSent;
    }

    private PacketCipher? Derive() => _key is null ? null : new PacketCipher(_key, _session, _senderId, _stream);
}
