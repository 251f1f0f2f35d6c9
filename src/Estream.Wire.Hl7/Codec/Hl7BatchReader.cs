using System.Globalization;

namespace Estream.Wire.Hl7.Codec;

/// <summary>
/// Splits a file or a batch into messages without a copy (HL7 v2, chapter 2, "Batch protocol": FHS, BHS, messages, BTS, FTS). Also reads
/// files without these segments: one message, or messages one after the other. Call <see cref="TryRead"/> until it returns false, then look
/// at <see cref="Failure"/>.
/// </summary>
public ref struct Hl7BatchReader
{
    private ReadOnlySpan<byte> _rest;
    private bool _isInFile;
    private bool _isInBatch;
    private bool _hasBatches;
    private long _messagesOfBatch;

    /// <summary>Creates a reader.</summary>
    /// <param name="file">The whole file or batch.</param>
    public Hl7BatchReader(ReadOnlySpan<byte> file)
    {
        _rest = file.StartsWith("\uFEFF"u8) ? file[3..] : file;
    }

    /// <summary>The number of messages read.</summary>
    public long Messages { readonly get; private set; }

    /// <summary>The number of batches ended by a BTS segment.</summary>
    public long Batches { readonly get; private set; }

    /// <summary>What is wrong with the file; null if nothing is. Contains no value of the file except counts.</summary>
    public string? Failure { readonly get; private set; }

    /// <summary>Reads the next message.</summary>
    /// <param name="message">The message from its MSH segment to its last segment.</param>
    /// <returns>False at the end of the file, or if <see cref="Failure"/> is set.</returns>
    public bool TryRead(out ReadOnlySpan<byte> message)
    {
        message = default;
        while (Failure is null)
        {
            _rest = _rest.TrimStart("\r\n"u8);
            if (_rest.IsEmpty)
            {
                Failure = _isInBatch ? "the file ends inside a batch: BTS is missing"
                    : _isInFile ? "the file ends without FTS" : null;
                return false;
            }

            if (_rest.StartsWith("MSH"u8))
            {
                message = TakeMessage();
                Messages++;
                _messagesOfBatch++;
                return true;
            }

            TakeEnvelope();
        }

        return false;
    }

    private ReadOnlySpan<byte> TakeMessage()
    {
        int length = LineEnd(_rest);
        while (length < _rest.Length && !IsBoundary(_rest[length..]))
        {
            length += LineEnd(_rest[length..]);
        }

        ReadOnlySpan<byte> message = _rest[..length];
        _rest = _rest[length..];
        return message;
    }

    private void TakeEnvelope()
    {
        ReadOnlySpan<byte> line = _rest[..LineEnd(_rest)].TrimEnd("\r\n"u8);
        _rest = _rest[LineEnd(_rest)..];
        if (line.StartsWith("FHS"u8) && !_isInFile && !_isInBatch)
        {
            _isInFile = true;
            Batches = 0;
        }
        else if (line.StartsWith("BHS"u8) && !_isInBatch)
        {
            _isInBatch = true;
            _hasBatches = true;
            _messagesOfBatch = 0;
        }
        else if (line.StartsWith("BTS"u8) && _isInBatch)
        {
            _isInBatch = false;
            Batches++;
            CheckCount(line, _messagesOfBatch, "BTS-1", "messages");
        }
        else if (line.StartsWith("FTS"u8) && _isInFile && !_isInBatch)
        {
            _isInFile = false;
            CheckCount(line, _hasBatches ? Batches : Messages, "FTS-1", "batches");
        }
        else
        {
            Failure = "a segment outside of a message is not FHS, BHS, BTS or FTS in their order";
        }
    }

    /// <summary>Compares the count of a trailer with the file. The count is optional.</summary>
    private void CheckCount(ReadOnlySpan<byte> trailer, long counted, string field, string what)
    {
        if (trailer.Length <= Hl7Segment.NameLength)
        {
            return;
        }

        ReadOnlySpan<byte> text = Hl7Field.Part(trailer, trailer[Hl7Segment.NameLength], 1).Trim((byte)' ');
        if (!text.IsEmpty && (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long told) || told != counted))
        {
            Failure = $"{field} does not state the {counted} {what} of the file";
        }
    }

    private static bool IsBoundary(ReadOnlySpan<byte> line) =>
        line.StartsWith("MSH"u8) || line.StartsWith("BHS"u8) || line.StartsWith("BTS"u8) || line.StartsWith("FHS"u8)
        || line.StartsWith("FTS"u8);

    /// <summary>The length of the first line, its terminator included.</summary>
    private static int LineEnd(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOfAny((byte)'\r', (byte)'\n');
        return end < 0 ? text.Length : end + 1;
    }
}
