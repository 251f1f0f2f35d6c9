using System.Text;
using System.Text.Json;
using Estream.Esf;

namespace Estream.Host.Runtime;

/// <summary>Encodes JSON as messages, as <c>estream queue append --schema</c> does.</summary>
internal static class MessageEncoder
{
    private const int FirstSize = 4096;

    /// <summary>Encodes a JSON object.</summary>
    /// <param name="schemas">The schemas of the host.</param>
    /// <param name="name">The name of the schema.</param>
    /// <param name="message">The object.</param>
    /// <param name="maxBytes">The maximum length of the message.</param>
    /// <exception cref="ArgumentException">The object is not a message of the schema, or the message is too long.</exception>
    public static byte[] Encode(EsfSchemaSet schemas, string name, JsonElement message, int maxBytes)
    {
        if (!schemas.TryGet(name, out EsfSchema? schema))
        {
            throw new ArgumentException($"The host has no schema '{name}'. The member schema names one; /api/schemas lists them.");
        }

        if (schema.IsProtected)
        {
            throw new ArgumentException($"{schema.Name} has private fields, which only an adapter seals. Send the message to an adapter.");
        }

        if (!schema.StandsInQueues)
        {
            throw new ArgumentException(
                $"The pattern {schema.Pattern} of {schema.Name} does not allow its messages to be stored in a queue directly.");
        }

        byte[] json = Encoding.UTF8.GetBytes(message.GetRawText());
        for (byte[] encoded = new byte[Math.Min(FirstSize, maxBytes)]; ; encoded = new byte[Math.Min(encoded.Length * 2, maxBytes)])
        {
            EsfStatus status = EsfJson.TryEncode(schema, json, encoded, out int length);
            if (status.IsOk)
            {
                return encoded[..length];
            }

            if (!status.IsDestinationTooSmall || encoded.Length == maxBytes)
            {
                throw new ArgumentException(status.IsDestinationTooSmall
                    ? $"The message is longer than {maxBytes} bytes."
                    : $"message is not a valid {schema.Name}: {status.Describe(json)}");
            }
        }
    }
}
