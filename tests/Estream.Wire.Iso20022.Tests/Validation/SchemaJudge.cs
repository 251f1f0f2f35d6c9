using System.Collections.Concurrent;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;

namespace Estream.Wire.Iso20022.Tests.Validation;

/// <summary>Validates a message and its header with System.Xml.Schema.</summary>
internal static class SchemaJudge
{
    private const string Prefix = "urn:iso:std:iso:20022:tech:xsd:";

    private static readonly ConcurrentDictionary<string, XmlSchemaSet?> s_schemas = new(StringComparer.Ordinal);

    /// <summary>Returns the errors; empty if the message is valid.</summary>
    public static IReadOnlyList<string> Errors(byte[] document)
    {
        XDocument whole;
        try
        {
            using XmlReader reader = Open(new MemoryStream(document));
            whole = XDocument.Load(reader, LoadOptions.PreserveWhitespace);
        }
        catch (XmlException e)
        {
            return [e.Message];
        }

        XElement[] parts = [.. whole.Descendants().Where(element => IsPart(element) && !element.Ancestors().Any(IsPart))];
        XElement[] messages = [.. parts.Where(part => part.Name.LocalName == "Document")];
        List<string> errors = [];
        if (messages.Length != 1 || parts.Length - messages.Length > 1 || Schemas(messages[0]) is null)
        {
            errors.Add("not one message of a known version, with at most one header");
        }

        foreach (XElement part in parts)
        {
            if (Schemas(part) is { } schemas)
            {
                new XDocument(part).Validate(schemas, (_, e) => errors.Add(e.Message));
            }
        }

        return errors;
    }

    private static XmlReader Open(Stream stream)
    {
        XmlReaderSettings settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        return XmlReader.Create(stream, settings);
    }

    private static bool IsPart(XElement element) => element.Name.LocalName is "Document" or "AppHdr";

    private static XmlSchemaSet? Schemas(XElement part) => s_schemas.GetOrAdd(part.Name.NamespaceName, Load);

    private static XmlSchemaSet? Load(string namespaceUri)
    {
        using Stream? stream = namespaceUri.StartsWith(Prefix, StringComparison.Ordinal)
            ? typeof(Iso20022Validator).Assembly.GetManifestResourceStream(namespaceUri[Prefix.Length..] + ".xsd")
            : null;
        if (stream is null)
        {
            return null;
        }

        using XmlReader reader = Open(stream);
        XmlSchemaSet schemas = new();
        schemas.Add(null, reader);
        schemas.Compile();
        return schemas;
    }
}
