using System.Buffers.Binary;
using System.Globalization;
using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Cli.Codec;

/// <summary>Splits a stream of bytes into messages.</summary>
/// <param name="input">The input with the messages.</param>
/// <param name="framing">The framing of the messages.</param>
internal sealed class Messages(InputBuffer input, Framing framing)
{
    private int _length;
    private long _count;

    /// <summary>The current message. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Current => input.Unused[.._length];

    /// <summary>Moves to the next message.</summary>
    /// <returns>False at the end of the input.</returns>
    /// <exception cref="CliException">The next message is incomplete or its length is out of range.</exception>
    public ValueTask<bool> MoveNextAsync()
    {
        input.Skip(_length);
        _length = 0;
        return framing == Framing.None ? TakeAllAsync() : TakeFramedAsync();
    }

    /// <summary>The number of the current message, from 1.</summary>
    public long Number => _count;

    /// <summary>Finds the schema of the current message by its header.</summary>
    /// <exception cref="CliException">The message has no header, or the schema is unknown.</exception>
    public EsfSchema SchemaIn(EsfSchemaSet known)
    {
        if (!EsfMessageHeader.TryRead(Current, out EsfMessageHeader header))
        {
            throw Refuse($"the message is shorter than an ESF header ({EsfMessageHeader.Length} bytes)");
        }

        return known.TryGet(Current, out EsfSchema? schema)
            ? schema
            : throw Refuse(string.Create(
                CultureInfo.InvariantCulture,
                $"no schema has the id {header.SchemaId:x16} or the name id {header.NameId:x8}. Add its file with --schema, and use the "
                + $"--framing that the messages were written with."));
    }

    /// <summary>Creates an exception for the current message, with its number and offset.</summary>
    public CliException Refuse(string reason)
    {
        string place = framing == Framing.None
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"message {_count} at byte {input.Position}: ");
        return new CliException(place + reason, ExitCode.No);
    }

    private async ValueTask<bool> TakeAllAsync()
    {
        if (_count++ > 0)
        {
            return false;
        }

        // Reading one byte beyond the maximum length is enough to reject the input.
        if (await ReadAsync(EsfLimits.MaxMessageBytes + 1).ConfigureAwait(false))
        {
            throw Refuse(
                $"the input is longer than the maximum message of {EsfLimits.MaxMessageBytes} bytes. To read several messages, use "
                + "--framing length.");
        }

        _length = input.Unused.Length;
        return _length > 0 ? true : throw Refuse("standard input is empty");
    }

    private async ValueTask<bool> TakeFramedAsync()
    {
        _count++;
        if (!await ReadAsync(sizeof(uint)).ConfigureAwait(false))
        {
            return input.Unused.IsEmpty ? false : throw Refuse("the input ends inside the length prefix of the message");
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(input.Unused);
        if (length is < EsfMessageHeader.Length or > EsfLimits.MaxMessageBytes)
        {
            throw Refuse(
                $"the length prefix is {length}, but a message has {EsfMessageHeader.Length} to {EsfLimits.MaxMessageBytes} bytes. To read "
                + "one message without a length prefix, use --framing none.");
        }

        input.Skip(sizeof(uint));
        _length = (int)length;
        return await ReadAsync(_length).ConfigureAwait(false)
            ? true
            : throw Refuse($"the input ends inside the message, which has {length} bytes according to its length prefix");
    }

    /// <summary>Reads until <paramref name="count"/> bytes are buffered; returns false if the input ends earlier.</summary>
    private async ValueTask<bool> ReadAsync(int count)
    {
        while (input.Unused.Length < count)
        {
            if (!await input.FillAsync().ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }
}
