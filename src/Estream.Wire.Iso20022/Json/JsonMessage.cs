using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Json;

/// <summary>
/// Writes a JSON message as equivalent XML, with elements in the order of the schema. Members have the names of elements, repeated elements
/// are arrays, and <c>null</c> is an absent element. An amount is an object with its currency and <c>value</c>. The version is the member
/// <c>@xmlns</c> of the document, or comes from the header. The form of moov-io/iso20022 is accepted too, which has names in
/// <c>XMLName</c> and the message in <c>Message</c>.
/// </summary>
/// <remarks>This class does not validate the message. A member that the schema does not have is written where the member occurs, so that
/// the reader of the XML reports it.</remarks>
internal sealed class JsonMessage(XmlPieces pieces)
{
    private const string UsualHeader = "urn:iso:std:iso:20022:tech:xsd:head.001.001.02";

    // Additional nesting: arrays between elements, and the levels around a message.
    private const int DepthBeside = 8;

    // The possible names of the member with the text of an element with attributes.
    private static readonly string[] s_text = ["value", "Value", "#text"];

    private static readonly string[] s_version = ["@xmlns", "xmlns", "Xmlns"];

    private readonly XmlOutput _output = new(pieces);
    private byte[] _text = new byte[1_024];
    private Iso20022Reason _reason;

    // The current nesting level: 0 directly in a document or header, 1 one level below.
    private int _depth;

    /// <summary>Writes a message.</summary>
    /// <param name="json">The complete message.</param>
    /// <param name="maxDepth">The maximum nesting depth of elements.</param>
    /// <returns>Why the message is not valid JSON, or cannot be expressed in XML.</returns>
    public Iso20022Reason Write(ReadOnlyMemory<byte> json, int maxDepth)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json,
                new JsonDocumentOptions { MaxDepth = (2 * maxDepth) + DepthBeside, AllowDuplicateProperties = false });
            WriteRoot(document.RootElement);
            return _reason;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException && !pieces.IsReading)
        {
            // InvalidOperationException: text with an unpaired surrogate or invalid UTF-8. Exceptions of the XML reader are not caught
            // here.
            return Iso20022Reason.MalformedJson;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(_text);
        }
    }

    private void WriteRoot(JsonElement root)
    {
        if (root.TryGetProperty("XMLName"u8, out JsonElement name) && TextOf(name, "Local") == "Document")
        {
            WritePart("Document", root, TextOf(name, "Space") ?? "");
            return;
        }

        _output.Begin("Envelope"u8);
        if (root.TryGetProperty("AppHdr"u8, out JsonElement header))
        {
            WritePart("AppHdr", header, VersionOf(header) ?? UsualHeader);
        }

        if (root.TryGetProperty("Document"u8, out JsonElement document))
        {
            string? named = header.ValueKind == JsonValueKind.Object && TextOf(header, "MsgDefIdr") is { } version
                ? Encoding.UTF8.GetString(MessageSchema.NamespacePrefix) + version
                : null;
            WritePart("Document", document, VersionOf(document) ?? named ?? "");
        }

        _output.End("Envelope"u8);
    }

    // Writes a message or a header, of a known or unknown version.
    private void WritePart(string name, JsonElement value, string namespaceUri)
    {
        byte[] tag = Encoding.UTF8.GetBytes(name);
        byte[] uri = Encoding.UTF8.GetBytes(namespaceUri);
        _output.Begin(tag);
        if (uri.Length > 0)
        {
            Require(_output.TryAttribute("xmlns"u8, uri), Iso20022Reason.InvalidCharacter);
        }

        MessageSchema? schema = MessageSchemas.ByNamespace(uri);
        if (schema is not null && name == schema.Root.ToString())
        {
            WriteContent(schema.Root.Type, value);
        }

        _output.End(tag);
    }

    private void WriteContent(ContentType type, JsonElement value)
    {
        if (type.Kind == ContentKind.Text || value.ValueKind != JsonValueKind.Object)
        {
            // Nested arrays are invalid. Any other value in place of text is written, so that the reader reports it.
            Require(value.ValueKind != JsonValueKind.Array, Iso20022Reason.MalformedJson);
            WriteText(value);
        }
        else if (type.Kind == ContentKind.Any)
        {
            WriteOthers(type, value);
        }
        else
        {
            foreach (ElementDeclaration element in type.Elements)
            {
                if (TryFind(value, element, out JsonElement content))
                {
                    WriteEach(element, content);
                }
            }

            WriteOthers(type, value);
        }
    }

    // In the form of moov-io/iso20022 the member is called Message, and contains the name of the element.
    private static bool TryFind(JsonElement value, ElementDeclaration element, out JsonElement content) =>
        value.TryGetProperty(element.Name, out content)
        || (value.TryGetProperty("Message"u8, out content) && content.ValueKind == JsonValueKind.Object
            && content.TryGetProperty("XMLName"u8, out JsonElement name) && TextOf(name, "Local") == element.ToString());

    private void WriteEach(ElementDeclaration element, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            WriteOne(element, value);
            return;
        }

        foreach (JsonElement item in value.EnumerateArray())
        {
            WriteOne(element, item);
        }
    }

    private void WriteOne(ElementDeclaration element, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null || pieces.Status != XmlReadStatus.NeedMore)
        {
            return;
        }

        _output.Begin(element.Name);
        _depth++;
        if (element.Type.Kind == ContentKind.Text && value.ValueKind == JsonValueKind.Object)
        {
            WriteAttributes(value);
        }
        else
        {
            WriteContent(element.Type, value);
        }

        _depth--;
        _output.End(element.Name);
    }

    // Attributes come before the text, whatever their order in JSON.
    private void WriteAttributes(JsonElement value)
    {
        string? text = s_text.FirstOrDefault(name => value.TryGetProperty(name, out _));
        foreach (JsonProperty member in value.EnumerateObject().Where(member => member.Name != text))
        {
            Require(_output.TryAttribute(NameOf(member.Name.TrimStart('@')), Copy(member.Value)), Iso20022Reason.InvalidCharacter);
        }

        if (text is not null)
        {
            WriteText(value.GetProperty(text));
        }
    }

    // Writes members that the schema does not have as empty elements, so that the reader reports them.
    private void WriteOthers(ContentType type, JsonElement value)
    {
        foreach (JsonProperty member in value.EnumerateObject())
        {
            bool isFrame = _depth <= 1 && (s_version.Contains(member.Name) || member.Name is "XMLName" or "Attrs" or "Message");
            if (!isFrame && !type.Elements.Any(element => member.NameEquals(element.Name)) && member.Value.ValueKind != JsonValueKind.Null)
            {
                byte[] name = NameOf(member.Name);
                _output.Begin(name);
                _output.TryAttribute("xmlns"u8, default);
                _output.End(name);
            }
        }
    }

    private void WriteText(JsonElement value)
    {
        // A number is written with its original digits.
        Require(_output.TryText(Copy(value)), Iso20022Reason.InvalidCharacter);
    }

    private void Require(bool holds, Iso20022Reason reason) => _reason = holds || _reason != Iso20022Reason.None ? _reason : reason;

    private ReadOnlySpan<byte> Copy(JsonElement value)
    {
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(value);
        if (value.ValueKind != JsonValueKind.String)
        {
            return raw;
        }

        if (_text.Length < raw.Length)
        {
            CryptographicOperations.ZeroMemory(_text);
            _text = new byte[Math.Max(raw.Length, 2 * _text.Length)];
        }

        Utf8JsonReader reader = new(raw);
        reader.Read();
        return _text.AsSpan(0, reader.CopyString(_text));
    }

    // A name that is not a valid element name is replaced.
    private static byte[] NameOf(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        return bytes.Length <= XmlState.MaxNameBytes && XmlText.IsLocalName(bytes) && XmlText.NameLength(bytes) == bytes.Length
            ? bytes
            : "_"u8.ToArray();
    }

    private static string? VersionOf(JsonElement part)
    {
        if (part.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        string? known = s_version.FirstOrDefault(name => TextOf(part, name) is not null);
        return known is null ? null : TextOf(part, known);
    }

    private static string? TextOf(JsonElement value, string member) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(member, out JsonElement text)
            && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}
