using System.Text.Json;

namespace Estream.Wire.Iso20022.Connections;

/// <summary>Reads the ids of messages without allocation.</summary>
internal static class MessageIds
{
    /// <summary>The maximum length of an id in bytes: 35 characters.</summary>
    public const int MaxBytes = 140;

    /// <summary>Reads the id from a message as JSON of its schema.</summary>
    /// <param name="json">The message.</param>
    /// <param name="id">Receives the id.</param>
    /// <returns>The length of the id; 0 if there is none.</returns>
    public static int Read(ReadOnlySpan<byte> json, Span<byte> id)
    {
        Utf8JsonReader reader = new(json);
        while (reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isId = reader.ValueTextEquals("message_id"u8);
                reader.Read();
                if (isId && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= id.Length)
                {
                    return reader.CopyString(id);
                }

                reader.Skip();
            }
        }

        return 0;
    }

    /// <summary>Searches for the id in an invalid message in XML, to name the message in the answer.</summary>
    /// <param name="document">The message.</param>
    /// <param name="id">Receives the id.</param>
    /// <returns>The length of the id; 0 if there is none of printable ASCII characters.</returns>
    public static int Find(ReadOnlySpan<byte> document, Span<byte> id)
    {
        int begin = document.IndexOf("MsgId>"u8);
        ReadOnlySpan<byte> rest = begin < 0 ? default : document[(begin + "MsgId>"u8.Length)..];
        int length = rest.IndexOf((byte)'<');
        if (length is < 1 or > 35 || rest[..length].ContainsAnyExceptInRange((byte)' ', (byte)'~') || rest[..length].Contains((byte)'&'))
        {
            return 0;
        }

        rest[..length].CopyTo(id);
        return length;
    }
}
