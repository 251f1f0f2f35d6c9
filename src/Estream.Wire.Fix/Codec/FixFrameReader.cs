using System.Buffers;

namespace Estream.Wire.Fix.Codec;

/// <summary>Splits the bytes received by a pipe into messages. A message within one segment, which is the usual case, is not
/// copied.</summary>
internal ref struct FixFrameReader
{
    private readonly FrameScratch _scratch;
    private readonly int _maxMessageBytes;
    private ReadOnlySequence<byte> _rest;
    private ReadOnlySpan<byte> _span;
    private int _offset;

    public FixFrameReader(in ReadOnlySequence<byte> buffer, FrameScratch scratch, int maxMessageBytes)
    {
        _scratch = scratch;
        _maxMessageBytes = maxMessageBytes;
        _rest = buffer;
        _span = buffer.FirstSpan;
    }

    /// <summary>The position up to which messages were returned and garbled bytes skipped.</summary>
    public readonly SequencePosition Consumed => _rest.GetPosition(_offset);

    /// <summary>The number of bytes that belonged to no message.</summary>
    public long GarbledBytes { get; private set; }

    /// <summary>Reads the next message, valid until the next call. Reports garbled bytes once, and skips to the next possible start of a
    /// message.</summary>
    public FixFrameStatus TryNext(out ReadOnlySpan<byte> message, out FixGarbled why)
    {
        ReadOnlySpan<byte> data = _span[_offset..];
        FixFrameStatus status = FixFrame.TryRead(data, _maxMessageBytes, out int length, out why);
        if (status == FixFrameStatus.Complete)
        {
            message = data[..length];
            _offset += length;
            return status;
        }

        message = default;
        if (status == FixFrameStatus.Incomplete && !_rest.IsSingleSegment)
        {
            status = TryNextAcross(out message, out length, out why);
        }

        if (status == FixFrameStatus.Garbled)
        {
            PassOver(length);
        }

        return status;
    }

    private FixFrameStatus TryNextAcross(out ReadOnlySpan<byte> message, out int length, out FixGarbled why)
    {
        message = default;
        length = 1;
        ReadOnlySequence<byte> data = _rest.Slice(_offset);
        Span<byte> start = stackalloc byte[FixFrame.MaxHeaderLength + 3];
        FixFrameStatus status = FixFrame.TryReadHeader(
            CopyOf(data, 0, start), _maxMessageBytes, out int bodyStart, out int bodyLength, out why);
        if (status != FixFrameStatus.Complete)
        {
            return status;
        }

        // Check the trailer before copying, so that a wrong BodyLength does not cost a copy of that length.
        int bodyEnd = bodyStart + bodyLength;
        if (!FixFrame.CanBeTrailer(CopyOf(data, bodyEnd - 1, start[..(FixFrame.TrailerLength + 1)])))
        {
            why = FixGarbled.Trailer;
            return FixFrameStatus.Garbled;
        }

        int whole = bodyEnd + FixFrame.TrailerLength;
        if (data.Length < whole)
        {
            return FixFrameStatus.Incomplete;
        }

        Span<byte> copy = _scratch.Take(whole);
        data.Slice(0, whole).CopyTo(copy);
        status = FixFrame.TryRead(copy, _maxMessageBytes, out length, out why);
        if (status == FixFrameStatus.Complete)
        {
            message = copy;
            Advance(data.GetPosition(whole));
        }

        return status;
    }

    private static ReadOnlySpan<byte> CopyOf(in ReadOnlySequence<byte> data, long from, Span<byte> destination)
    {
        ReadOnlySequence<byte> part = data.Slice(Math.Min(from, data.Length));
        part = part.Slice(0, Math.Min(part.Length, destination.Length));
        part.CopyTo(destination);
        return destination[..(int)part.Length];
    }

    private void PassOver(int length)
    {
        ReadOnlySequence<byte> data = _rest.Slice(_offset);
        SequenceReader<byte> reader = new(data);
        reader.Advance(length);
        bool isFound = false;
        while (!isFound && reader.TryAdvanceTo(FixFrame.Start[0], advancePastDelimiter: false))
        {
            isFound = CanStart(reader.UnreadSequence);
            reader.Advance(isFound ? 0 : 1);
        }

        SequencePosition next = isFound ? reader.Position : data.End;
        GarbledBytes += data.Slice(0, next).Length;
        Advance(next);
    }

    private static bool CanStart(in ReadOnlySequence<byte> data)
    {
        Span<byte> start = stackalloc byte[FixFrame.Start.Length];
        return FixFrame.CanBegin(CopyOf(data, 0, start), FixFrame.Start);
    }

    private void Advance(SequencePosition position)
    {
        _rest = _rest.Slice(position);
        _span = _rest.FirstSpan;
        _offset = 0;
    }
}
