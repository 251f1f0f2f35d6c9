using System.Buffers;
using Estream.Cli.Output;
using Estream.Esf;

namespace Estream.Cli.Codec;

/// <summary>Reads ESF messages from standard input and writes one JSON object per line to standard output. Memory use is proportional to
/// the longest message, not to the input.</summary>
/// <param name="context">Provides input, output and cancellation.</param>
/// <param name="known">The known schemas.</param>
/// <param name="only">The schema of all messages; null to take it from each message header.</param>
/// <param name="framing">The framing of the messages in the input.</param>
/// <param name="ring">The keys that decrypt private values; null to withhold all private values.</param>
/// <param name="vault">Replaces tokens with card numbers; null to write the tokens.</param>
internal sealed class DecodeRun(CliContext context, EsfSchemaSet known, EsfSchema? only, Framing framing, EsfKeyRing? ring,
    IEsfTokenVault? vault = null) : IDisposable
{
    private readonly UnsealedJson? _opened = ring is null ? null : new UnsealedJson(ring, audiences: null, vault);
    private readonly ChunkWriter _output = new(context.Output);

    /// <summary>The number of messages written.</summary>
    public long Written { get; private set; }

    /// <summary>Decodes all messages of the input.</summary>
    /// <exception cref="CliException">A message is incomplete or its schema is unknown. All earlier messages have been written, and no part
    /// of this message.</exception>
    public async Task RunAsync()
    {
        Messages messages = new(new InputBuffer(context.Input, _output.Flush, context.Cancellation), framing);
        try
        {
            while (await messages.MoveNextAsync().ConfigureAwait(false))
            {
                // The whole message is checked before its first byte is written.
                EsfStatus status = WriteJson(only ?? messages.SchemaIn(known), messages.Current);
                if (!status.IsOk)
                {
                    throw messages.Refuse(status.Describe(messages.Current));
                }

                _output.Write("\n"u8);
                Written++;
            }
        }
        finally
        {
            _output.Flush();
        }
    }

    /// <summary>Overwrites decrypted values in memory.</summary>
    public void Dispose() => _opened?.Dispose();

    private EsfStatus WriteJson(EsfSchema schema, ReadOnlySpan<byte> message) =>
        _opened is null ? EsfJson.WriteJson(schema, message, _output) : _opened.Write(schema, message, _output);
}
