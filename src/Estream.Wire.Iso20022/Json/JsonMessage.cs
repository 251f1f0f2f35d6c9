using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Json;

/// <summary>
/// Writes a message in JSON as XML that says the same, each element where its schema has it. Members have the names of elements, and
/// elements that are repeated are arrays; <c>null</c> is no element. An amount is an object with its currency and <c>value</c>. The version
/// is the member <c>@xmlns</c> of the document, or what its header says. The form of moov-io/iso20022 is read too, in which the names stand
/// in <c>XMLName</c> and the message in <c>Message</c>.
/// </summary>
/// <remarks>What is wrong with a message is not decided here: what has no place in the schema is written where it stands, and is found by
/// who reads the XML.</remarks>
internal sealed class JsonMessage(XmlPieces pieces)
{
    private const string UsualHeader = "urn:iso:std:iso:20022:tech:xsd:head.001.001.02";

    // Arrays between the elements, and what stands around a message.
    private const int DepthBeside = 8;

    // What the text of an element with attributes may be called.
    private static readonly string[] s_text = ["value", "Value", "#text"];

    private static readonly string[] s_version = ["@xmlns", "xmlns", "Xmlns"];

    private readonly XmlOutput _output = new(pieces);
    private byte[] _text = new byte[1_024];
    private Iso20022Reason _reason;

    // 0 in a document or header, 1 in what is in it.
    private int _depth;

    /// <summary>Writes a message.</summary>
    /// <param name="json">All of it.</param>
    /// <param name="maxDepth">How deep elements may nest.</param>
    /// <returns>Why it is no JSON, or has what XML cannot say.</returns>
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
            // The second of text that is half of a character, or no UTF-8. What is thrown by who reads the XML is nothing of the message.
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

    // A message or a header, of a version that is known or not.
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
            // Arrays in arrays are nothing; what else is no text where text is asked for is found not to be.
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

    // Of a message in the form of moov the element has another name, which stands in it.
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

    // Attributes come before the text, wherever they stand.
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

    // What the schema does not have, so that it is found; what is in it does not matter.
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
        // A number is its digits, as they are written.
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

    // A name that no element can have stands for itself by another one.
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
