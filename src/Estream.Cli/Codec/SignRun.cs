using System.Buffers;
using Estream.Cli.Output;
using Estream.Crypto;
using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Cli.Codec;

/// <summary>Reads ESF messages from standard input and writes the signed messages to standard output.</summary>
/// <param name="context">Provides input, output and cancellation.</param>
/// <param name="known">The known schemas.</param>
/// <param name="framing">The framing of the messages in input and output.</param>
/// <param name="signer">The private key.</param>
internal sealed class SignRun(CliContext context, EsfSchemaSet known, Framing framing, ISigner signer)
{
    private readonly ChunkWriter _output = new(context.Output);
    private readonly ArrayBufferWriter<byte> _json = new();
    private byte[] _message = [];

    /// <summary>The number of messages written.</summary>
    public long Written { get; private set; }

    /// <summary>Signs all messages of the input.</summary>
    /// <exception cref="CliException">A message is invalid, or its schema is unknown or cannot be signed. All earlier messages have been
    /// written.</exception>
    public async Task RunAsync()
    {
        Messages messages = new(new InputBuffer(context.Input, _output.Flush, context.Cancellation), framing);
        try
        {
            while (await messages.MoveNextAsync().ConfigureAwait(false))
            {
                int length = Sign(messages);
                FramedMessage.Write(_output, framing, _message.AsSpan(0, length));
                Written++;
            }
        }
        finally
        {
            _output.Flush();
        }
    }

    private int Sign(Messages messages)
    {
        EsfSchema schema = messages.SchemaIn(known);
        if (!EsfSignature.CanSign(schema))
        {
            throw messages.Refuse($"{schema} does not have exactly one public field of type pq_signature. Messages of another schema can "
                + "be signed as files: estream sign");
        }

        int length = messages.Current.Length;
        if (_message.Length < length + EsfSignature.MaxAddedBytes)
        {
            _message = new byte[2 * (length + EsfSignature.MaxAddedBytes)];
        }

        messages.Current.CopyTo(_message);
        Require(messages, EsfSignature.Reserve(schema, _message, ref length));
        if (!schema.IsProtected)
        {
            Normalize(messages, schema, ref length);
        }

        Require(messages, EsfSignature.Sign(schema, _message.AsSpan(0, length), signer));
        return length;
    }

    // Puts the values in the order of the schema, so that the JSON of the signed message encodes to the same bytes. Private values cannot
    // be encoded again.
    private void Normalize(Messages messages, EsfSchema schema, ref int length)
    {
        _json.ResetWrittenCount();
        Require(messages, EsfJson.WriteJson(schema, _message.AsSpan(0, length), _json));
        Require(messages, EsfJson.TryEncode(schema, _json.WrittenSpan, _message, out length));
    }

    private static void Require(Messages messages, EsfStatus status)
    {
        if (!status.IsOk)
        {
            throw messages.Refuse(status.Describe(messages.Current));
        }
    }
}
