using Estream.Cli.Output;
using Estream.Esf;

namespace Estream.Cli.Codec;

/// <summary>Reads JSON objects from standard input and writes ESF messages to standard output. Memory use is proportional to the longest
/// object, not to the input.</summary>
/// <param name="context">Provides input, output and cancellation.</param>
/// <param name="schema">The schema of all messages.</param>
/// <param name="framing">The framing of the messages in the output.</param>
/// <param name="sealer">Seals private and tokenized fields; null if the schema has none.</param>
internal sealed class EncodeRun(CliContext context, EsfSchema schema, Framing framing, EsfSealer? sealer)
{
    private const int FirstSize = 64 * 1024;

    private readonly ChunkWriter _output = new(context.Output);
    private readonly JsonEncoder _encoder = new(schema);
    private byte[] _sealed = [];

    /// <summary>The number of messages written.</summary>
    public long Written { get; private set; }

    /// <summary>Encodes all objects of the input.</summary>
    /// <exception cref="CliException">An object does not match the schema. All earlier messages have been written, and no part of this
    /// object.</exception>
    public async Task RunAsync()
    {
        JsonObjects objects = new(new InputBuffer(context.Input, _output.Flush, context.Cancellation));
        try
        {
            while (await objects.MoveNextAsync().ConfigureAwait(false))
            {
                ReadOnlyMemory<byte> message = _encoder.Encode(objects);
                if (framing == Framing.None && await objects.HasMoreAsync().ConfigureAwait(false))
                {
                    throw new CliException(
                        "Standard input has more than one JSON object. Use --framing length, which separates the messages.", ExitCode.No);
                }

                FramedMessage.Write(_output, framing, sealer is null ? message.Span : Seal(sealer, objects, message.Span));
                Written++;
            }

            if (framing == Framing.None && objects.Count == 0)
            {
                throw new CliException("Standard input has no JSON object.", ExitCode.No);
            }
        }
        finally
        {
            _output.Flush();
        }
    }

    private ReadOnlySpan<byte> Seal(EsfSealer to, JsonObjects objects, ReadOnlySpan<byte> message)
    {
        int most = to.MaxSealedLength(message.Length);
        if (_sealed.Length < most)
        {
            _sealed = new byte[Math.Max(most, FirstSize)];
        }

        EsfStatus status = to.Seal(message, _sealed, out int written);
        return status.IsOk ? _sealed.AsSpan(0, written) : throw objects.Refuse(status.Offset, status.ToString());
    }
}
