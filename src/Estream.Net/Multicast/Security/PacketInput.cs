namespace Estream.Net.Multicast.Internal;

/// <summary>
/// Opens received packets: checks header, stream, encryption, authenticity and replay. Keeps the packet keys of a bounded number of
/// senders; the sender that was silent longest gives way to a new one. Not thread-safe.
/// </summary>
internal sealed class PacketInput : IDisposable
{
    private const int DerivationsPerSecond = 1_000;

    private readonly byte[]? _key;
    private readonly uint _stream;
    private readonly Peer[] _peers;
    private readonly byte[] _plain;
    private readonly TokenBucket _derivations;
    private int _lastUsed;

    /// <param name="key">The shared key; null if packets are not encrypted.</param>
    /// <param name="stream">The stream; packets of others are refused.</param>
    /// <param name="peers">The largest number of senders whose keys are kept.</param>
    public PacketInput(byte[]? key, uint stream, int peers)
    {
        _key = key;
        _stream = stream;
        _peers = new Peer[key is null ? 0 : peers];
        _plain = new byte[key is null ? 0 : PacketLayout.MaxPacketBytes];
        _derivations = new TokenBucket(DerivationsPerSecond, DerivationsPerSecond);
    }

    /// <summary>Opens a packet.</summary>
    /// <param name="packet">The received bytes.</param>
    /// <param name="now">The monotonic time in nanoseconds.</param>
    /// <param name="header">The header.</param>
    /// <param name="body">The plaintext body; valid until the next call.</param>
    public PacketStatus Open(ReadOnlySpan<byte> packet, long now, out PacketHeader header, out ReadOnlySpan<byte> body)
    {
        PacketStatus status = PacketCodec.TryRead(packet, out header, out body);
        if (status != PacketStatus.Ok)
        {
            return status;
        }

        if (header.Stream != _stream)
        {
            return PacketStatus.WrongMagic;
        }

        if (header.IsEncrypted != (_key is not null))
        {
            return PacketStatus.WrongSecurity;
        }

        return _key is null ? PacketStatus.Ok : Decrypt(packet, now, header, ref body);
    }

    public void Dispose()
    {
        foreach (Peer peer in _peers)
        {
            peer.Cipher?.Dispose();
        }

        Array.Clear(_peers);
    }

    private PacketStatus Decrypt(ReadOnlySpan<byte> packet, long now, in PacketHeader header, ref ReadOnlySpan<byte> body)
    {
        int known = IndexOf(header);
        if (known >= 0 && !_peers[known].Window!.IsFresh(header.Number))
        {
            return PacketStatus.Replayed;
        }

        if (known < 0 && !_derivations.TryTake(1, now))
        {
            return PacketStatus.WrongSecurity;
        }

        PacketCipher cipher = known >= 0 ? _peers[known].Cipher! : new PacketCipher(_key, header.Session, header.Sender, _stream);
        Span<byte> plain = _plain.AsSpan(0, body.Length);
        if (!cipher.TryDecrypt(
            header.Number, packet[..PacketLayout.HeaderBytes], body, packet[^PacketLayout.TagBytes..], plain))
        {
            if (known < 0)
            {
                cipher.Dispose();
            }

            return PacketStatus.WrongSecurity;
        }

        body = plain;
        int index = known >= 0 ? known : Admit(header, cipher);
        _peers[index].LastHeard = now;
        _peers[index].Window!.Record(header.Number);
        _lastUsed = index;
        return PacketStatus.Ok;
    }

    private int IndexOf(in PacketHeader header)
    {
        if (_peers[_lastUsed].Is(header))
        {
            return _lastUsed;
        }

        for (int index = 0; index < _peers.Length; index++)
        {
            if (_peers[index].Is(header))
            {
                return index;
            }
        }

        return -1;
    }

    private int Admit(in PacketHeader header, PacketCipher cipher)
    {
        int oldest = 0;
        for (int index = 0; index < _peers.Length && _peers[oldest].Cipher is not null; index++)
        {
            if (_peers[index].Cipher is null || _peers[index].LastHeard < _peers[oldest].LastHeard)
            {
                oldest = index;
            }
        }

        ref Peer peer = ref _peers[oldest];
        peer.Cipher?.Dispose();
        ReplayWindow window = peer.Window ?? new ReplayWindow();
        window.Clear();
        peer = new Peer { Session = header.Session, Sender = header.Sender, Cipher = cipher, Window = window };
        return oldest;
    }

    private struct Peer
    {
        public ulong Session;
        public ulong Sender;
        public long LastHeard;
        public PacketCipher? Cipher;
        public ReplayWindow? Window;

        public readonly bool Is(in PacketHeader header) =>
            Cipher is not null && Session == header.Session && Sender == header.Sender;
    }
}
