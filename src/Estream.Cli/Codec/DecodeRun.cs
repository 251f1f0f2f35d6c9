using System.Buffers;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Esf;

namespace Estream.Cli.Codec;

/// <summary>Standard input, messages, to standard output, a JSON object per line. Memory is in proportion to the longest message, not to
/// the input.</summary>
/// <param name="context">Input and output.</param>
/// <param name="known">The schemas there are.</param>
/// <param name="only">The schema all messages are to be of; null where their headers say it.</param>
/// <param name="framing">How messages stand in the input.</param>
/// <param name="ring">Keys to open private values with, which are written out then; null to write none.</param>
/// <param name="vault">Gives the cards that tokens stand for; null to write tokens.</param>
internal sealed class DecodeRun(CliContext context, EsfSchemaSet known, EsfSchema? only, Framing framing, EsfKeyRing? ring,
    IEsfTokenVault? vault = null) : IDisposable
{
    private readonly UnsealedJson? _opened = ring is null ? null : new UnsealedJson(ring, audiences: null, vault);
    private readonly ChunkWriter _output = new(context.Output);

    /// <summary>Messages that have been written.</summary>
    public long Written { get; private set; }

    /// <summary>Decodes everything.</summary>
    /// <exception cref="CliException">A message is not whole or of no known schema; those before it have been written, of it
    /// nothing.</exception>
    public async Task RunAsync()
    {
        Messages messages = new(new InputBuffer(context.Input, _output.Flush, context.Cancellation), framing);
        try
        {
            while (await messages.MoveNextAsync().ConfigureAwait(false))
            {
                // The whole message is checked before its first byte is written.
                EsfStatus status = WriteJson(only ?? SchemaOf(messages), messages.Current);
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

    /// <summary>Overwrites what was opened.</summary>
    public void Dispose() => _opened?.Dispose();

    private EsfStatus WriteJson(EsfSchema schema, ReadOnlySpan<byte> message) =>
        _opened is null ? EsfJson.WriteJson(schema, message, _output) : _opened.Write(schema, message, _output);

    private EsfSchema SchemaOf(Messages messages)
    {
        if (!EsfMessageHeader.TryRead(messages.Current, out EsfMessageHeader header))
        {
            throw messages.Refuse($"shorter than the header of an ESF message, {EsfMessageHeader.Length} bytes");
        }

        return known.TryGet(messages.Current, out EsfSchema? schema)
            ? schema
            : throw messages.Refuse(string.Create(
                CultureInfo.InvariantCulture,
                $"no schema has the id {header.SchemaId:x16} or the name id {header.NameId:x8}; "
                + $"give its file with --schema, and --framing as the messages were written"));
    }
}

/// <summary>How messages stand in a stream of bytes.</summary>
internal enum Framing
{
    /// <summary>The stream is one message, and nothing else.</summary>
    None,

    /// <summary>Any number of messages, each behind its length: four bytes, little-endian.</summary>
    Length,
}
