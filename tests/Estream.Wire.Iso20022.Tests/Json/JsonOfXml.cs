using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Estream.Wire.Iso20022.Tests.Json;

/// <summary>Converts an XML message to equivalent JSON, with the members of each object in another order.</summary>
internal static class JsonOfXml
{
    public static string Convert(byte[] document)
    {
        using MemoryStream stream = new(document);
        XDocument whole = XDocument.Load(stream);
        JsonObject message = [];
        foreach (XElement part in whole.Descendants().Where(element => IsPart(element) && !element.Ancestors().Any(IsPart)).Reverse())
        {
            JsonObject content = ObjectOf(part);
            content["@xmlns"] = part.Name.NamespaceName;
            message[part.Name.LocalName] = content;
        }

        return message.ToJsonString();
    }

    private static bool IsPart(XElement element) => element.Name.LocalName is "Document" or "AppHdr";

    private static JsonObject ObjectOf(XElement element)
    {
        JsonObject content = [];
        foreach (IGrouping<string, XElement> children in element.Elements().GroupBy(child => child.Name.LocalName).Reverse())
        {
            JsonNode[] items = [.. children.Select(NodeOf)];
            content[children.Key] = items.Length == 1 ? items[0] : new JsonArray(items);
        }

        return content;
    }

    private static JsonNode NodeOf(XElement element)
    {
        if (element.HasElements)
        {
            return ObjectOf(element);
        }

        return element.Attribute("Ccy") is { } currency
            ? new JsonObject { ["value"] = element.Value, ["Ccy"] = currency.Value }
            : JsonValue.Create(element.Value)!;
    }
}
