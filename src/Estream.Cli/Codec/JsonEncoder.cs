using Estream.Esf;

namespace Estream.Cli.Codec;

/// <summary>Encodes JSON objects as messages of a schema. Not thread-safe.</summary>
/// <param name="schema">The schema of all messages.</param>
internal sealed class JsonEncoder(EsfSchema schema)
{
    private const int FirstSize = 64 * 1024;

    private byte[] _message = new byte[FirstSize];

    /// <summary>Encodes the current object.</summary>
    /// <returns>The message. Valid until the next call.</returns>
    /// <exception cref="CliException">The object does not match the schema.</exception>
    public ReadOnlyMemory<byte> Encode(JsonObjects objects)
    {
        while (true)
        {
            EsfStatus status = EsfJson.TryEncode(schema, objects.Current, _message, out int length);
            if (status.IsOk)
            {
                return _message.AsMemory(0, length);
            }

            // The loop ends: beyond the maximum message length the encoder reports a message that is too long, not a destination that is
            // too small.
            if (!status.IsDestinationTooSmall)
            {
                throw objects.Refuse(status.Offset, status.Describe(objects.Current));
            }

            _message = new byte[_message.Length * 2];
        }
    }
}
