namespace Estream.Net.Multicast.Internal;

/// <summary>
/// Puts packets in order, joins fragments, and passes each message to the copy once. Not thread-safe; allocates only when a message in
/// fragments is larger than any before.
/// </summary>
internal sealed class StreamAssembler(CopyLog copy, MulticastSubscriberOptions options)
{
    private const int SmallestAssembly = 64 << 10;

    private readonly ReorderBuffer _buffer = new(options.BufferedPackets, options.MaxPacketBytes);
    private byte[] _assembly = [];
    private DataHeader _partial;
    private int _assembled;
    private StartMode _mode;
    private long _wanted;
    private long _sourceId;

    private enum StartMode
    {
        /// <summary>The next message names the last one.</summary>
        Next,

        /// <summary>The next message is the first one of the log.</summary>
        Oldest,

        /// <summary>The next message has a given position.</summary>
        At,
    }

    /// <summary>The position of the last message taken; 0 if none.</summary>
    public long LastPosition { get; private set; }

    /// <summary>Where the stream is.</summary>
    public StreamPlace Place { get; private set; }

    /// <summary>The packets that wait for earlier ones.</summary>
    public ReorderBuffer Buffer => _buffer;

    public long Appended { get; private set; }

    public long Verified { get; private set; }

    public long Duplicates { get; private set; }

    public long Overruns { get; private set; }

    /// <summary>Starts a session.</summary>
    public void Begin(in SetupPacket setup, MulticastSubscriberOptions terms)
    {
        _buffer.Clear();
        _assembled = 0;
        _partial = default;
        _sourceId = setup.QueueId;
        bool isNew = !copy.Exists;
        MulticastStart start = isNew ? terms.Start : MulticastStart.Position;
        if (start == MulticastStart.Newest && setup.LastPosition != 0)
        {
            _mode = StartMode.Next;
            LastPosition = setup.LastPosition;
            Place = new StreamPlace(LastPosition, setup.EndAddress, true);
        }
        else if (start == MulticastStart.Position && (!isNew || terms.StartPosition != 0))
        {
            _mode = StartMode.At;
            _wanted = isNew ? terms.StartPosition : copy.Resume.Source;
            Place = new StreamPlace(_wanted, _wanted, false);
        }
        else
        {
            _mode = StartMode.Oldest;
            Place = new StreamPlace(0, 0, true);
        }
    }

    /// <summary>Takes a packet: appends what is in order, and keeps what is not.</summary>
    /// <returns>Whether the packet fits the limits of the copy.</returns>
    public bool Take(in DataPacket packet, ReadOnlySpan<byte> body, long sourceId)
    {
        _sourceId = sourceId;
        if (packet.Header.Length > copy.MaxMessageBytes)
        {
            throw new EstreamMulticastException(
                $"The message at position {packet.Header.Position} of the source has {packet.Header.Length} bytes; the copy takes at most "
                + $"{copy.MaxMessageBytes}. Set MaxMessageBytes to more, or copy into an unencrypted queue.", copy.Directory,
                MulticastFailure.MessageTooLarge);
        }

        if (IsStale(packet))
        {
            Duplicates++;
            return true;
        }

        if (!TryApply(packet))
        {
            // The answer to a request of an earlier life of this receiver may name no message before it: it fits nowhere else.
            bool isUsable = packet.Header.Offset > 0 || packet.Header.Previous != DataHeader.UnknownPrevious;
            if (!isUsable || !_buffer.TryAdd(packet, body))
            {
                Overruns++;
            }

            return true;
        }

        Drain();
        return true;
    }

    /// <summary>Appends what has been kept and is in order now.</summary>
    public void Drain()
    {
        while (_buffer.Count > 0)
        {
            // Was checked before it was kept.
            _ = DataPacket.TryRead(_buffer.First, out DataPacket packet);
            if (!IsStale(packet) && !TryApply(packet) && packet.StartAddress > Place.End)
            {
                return;
            }

            // Applied, or nothing that is still to come can make it fit.

            _buffer.RemoveFirst();
        }
    }

    private bool IsStale(in DataPacket packet) => _mode switch
    {
        StartMode.Oldest => packet.EndAddress <= Place.End,
        StartMode.At => packet.EndAddress <= Place.End || packet.LastPosition < _wanted,
        _ => packet.LastPosition <= LastPosition
            || (_assembled > 0 && packet.LastPosition == _partial.Position && packet.EndAddress <= Place.End),
    };

    private bool TryApply(in DataPacket packet)
    {
        DataHeader header = packet.Header;
        if (header.Offset > 0)
        {
            return TryContinue(header, packet.First);
        }

        bool isContiguous = false;
        if (!TryTake(header, packet.First, ref isContiguous))
        {
            return false;
        }

        DataPacket.Records rest = packet.Rest;
        while (rest.TryNext(out DataHeader next, out ReadOnlySpan<byte> message))
        {
            if (!TryTake(next, message, ref isContiguous))
            {
                return false;
            }
        }

        return isContiguous;
    }

    // Messages that were taken before are skipped: the next one in the packet follows them.
    private bool TryTake(in DataHeader header, ReadOnlySpan<byte> message, ref bool isContiguous)
    {
        if (_mode == StartMode.Next ? header.Position <= LastPosition : _mode == StartMode.At && header.Position < _wanted)
        {
            return true;
        }

        if (!IsNext(header))
        {
            return false;
        }

        isContiguous = true;
        if (message.Length == header.Length)
        {
            Complete(header, message);
            return true;
        }

        _assembled = 0;
        _partial = header;
        Join(message);
        return true;
    }

    private bool IsNext(in DataHeader header) => _mode switch
    {
        StartMode.Oldest => header.Previous == DataHeader.NoPrevious,
        StartMode.At => header.Position == _wanted,
        _ => header.Previous == LastPosition || (_assembled > 0 && header.Position == _partial.Position),
    };

    private bool TryContinue(in DataHeader header, ReadOnlySpan<byte> fragment)
    {
        if (_assembled == 0 || header.Position != _partial.Position || header.Offset > _assembled || header.Length != _partial.Length)
        {
            return false;
        }

        int known = _assembled - header.Offset;
        if (known < fragment.Length)
        {
            Join(fragment[known..]);
        }

        return true;
    }

    private void Join(ReadOnlySpan<byte> fragment)
    {
        int needed = _assembled + fragment.Length;
        if (_assembly.Length < needed)
        {
            // Grows with what has arrived, not with the length that a packet claims.
            Array.Resize(ref _assembly, (int)Math.Min(Math.Max((long)SmallestAssembly, 2L * needed), copy.MaxMessageBytes));
        }

        fragment.CopyTo(_assembly.AsSpan(_assembled));
        _assembled = needed;
        if (_assembled == _partial.Length)
        {
            int length = _assembled;
            try
            {
                Complete(_partial, _assembly.AsSpan(0, length));
            }
            catch (Core.EstreamException)
            {
                // The fragment is taken again later.
                _assembled = length - fragment.Length;
                throw;
            }
        }
        else
        {
            Place = new StreamPlace(_partial.Position, PacketLayout.EndOf(_partial.Position, _assembled), false);
        }
    }

    private void Complete(in DataHeader header, ReadOnlySpan<byte> message)
    {
        CopyResult result = copy.Take(header, message, _sourceId);
        if (result == CopyResult.Different)
        {
            throw MulticastSubscriber.Diverged(copy.Directory, header.Position);
        }

        Appended += result == CopyResult.Appended ? 1 : 0;
        Verified += result == CopyResult.Verified ? 1 : 0;
        _assembled = 0;
        _mode = StartMode.Next;
        LastPosition = header.Position;
        Place = new StreamPlace(header.Position, PacketLayout.EndOf(header.Position, header.Length), true);
    }
}
