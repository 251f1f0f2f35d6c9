using System.Buffers;
using System.Buffers.Binary;
using Estream.Cli.Output;
using Estream.Esf;

namespace Estream.Cli.Codec;

/// <summary>Standard input, JSON objects, to standard output, messages. Memory is in proportion to the longest object, not to the
/// input.</summary>
/// <param name="context">Input and output.</param>
/// <param name="schema">The schema of all messages.</param>
/// <param name="framing">How messages stand in the output.</param>
/// <param name="sealer">Seals them; null where the schema has no private fields.</param>
internal sealed class EncodeRun(CliContext context, EsfSchema schema, Framing framing, EsfSealer? sealer)
{
    private const int FirstSize = 64 * 1024;

    private readonly ChunkWriter _output = new(context.Output);
    private byte[] _message = new byte[FirstSize];
    private byte[] _sealed = [];

    /// <summary>Messages that have been written.</summary>
    public long Written { get; private set; }

    /// <summary>Encodes everything.</summary>
    /// <exception cref="CliException">An object does not fit; the messages before it have been written, of it nothing.</exception>
    public async Task RunAsync()
    {
        JsonObjects objects = new(new InputBuffer(context.Input, _output.Flush, context.Cancellation));
        try
        {
            while (await objects.MoveNextAsync().ConfigureAwait(false))
            {
                int length = Encode(objects);
                if (framing == Framing.None && await objects.HasMoreAsync().ConfigureAwait(false))
                {
                    throw new CliException(
                        "there is more than one JSON object on standard input, and messages without framing cannot be told apart: use "
                        + "--framing length", ExitCode.No);
                }

                Write(sealer is null ? _message.AsSpan(0, length) : Seal(sealer, objects, length));
            }

            if (framing == Framing.None && objects.Count == 0)
            {
                throw new CliException("there is no JSON object on standard input", ExitCode.No);
            }
        }
        finally
        {
            _output.Flush();
        }
    }

    private int Encode(JsonObjects objects)
    {
        while (true)
        {
            EsfStatus status = EsfJson.TryEncode(schema, objects.Current, _message, out int length);
            if (status.IsOk)
            {
                return length;
            }

            // It ends: from the longest message on, the encoder calls it too long and not the destination too small.
            if (!status.IsDestinationTooSmall)
            {
                throw objects.Refuse(status.Offset, status.Describe(objects.Current));
            }

            _message = new byte[_message.Length * 2];
        }
    }

    private ReadOnlySpan<byte> Seal(EsfSealer to, JsonObjects objects, int length)
    {
        int most = to.MaxSealedLength(length);
        if (_sealed.Length < most)
        {
            _sealed = new byte[Math.Max(most, FirstSize)];
        }

        EsfStatus status = to.Seal(_message.AsSpan(0, length), _sealed, out int written);
        return status.IsOk ? _sealed.AsSpan(0, written) : throw objects.Refuse(status.Offset, status.ToString());
    }

    private void Write(ReadOnlySpan<byte> message)
    {
        if (framing == Framing.Length)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_output.GetSpan(sizeof(uint)), message.Length);
            _output.Advance(sizeof(uint));
        }

        _output.Write(message);
        Written++;
    }
}
