using System.Reflection;
using System.Text;

namespace Estream.Wire.Iso20022.Schema;

/// <summary>The built-in schemas, each compiled on first use. Thread-safe.</summary>
internal static class MessageSchemas
{
    private const string Extension = ".xsd";

    // The schema of a version that is written for Estream.
    private const string PartialExtension = ".partial";

    private static readonly Assembly s_assembly = typeof(MessageSchemas).Assembly;

    // Versions without a schema that may be copied, read by the schema of the version before.
    private static readonly (string Name, string Base)[] s_later =
        [("camt.053.001.14", "camt.053.001.13"), ("pacs.002.001.12", "pacs.002.001.11")];

    private static readonly Entry[] s_entries =
    [
        .. s_assembly.GetManifestResourceNames().Select(Entry.OfResource).OfType<Entry>()
            .Concat(s_later.Select(later => Entry.Of(later.Name, later.Base + Extension, isPartial: true)))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal),
    ];

    /// <summary>The names of all messages and headers, such as <c>pacs.008.001.08</c>.</summary>
    public static IEnumerable<string> Names => s_entries.Select(entry => entry.Name);

    /// <summary>The names of the messages whose schemas lack elements.</summary>
    public static IEnumerable<string> PartialNames => s_entries.Where(entry => entry.IsPartial).Select(entry => entry.Name);

    /// <summary>Returns the schema with a name; null if there is none.</summary>
    public static MessageSchema? ByName(string name) => s_entries.FirstOrDefault(entry => entry.Name == name)?.Schema.Value;

    /// <summary>Returns the schema with a namespace; null if there is none.</summary>
    public static MessageSchema? ByNamespace(ReadOnlySpan<byte> namespaceUri)
    {
        // A linear search: there are some twenty schemas, and one or two searches for each message.
        foreach (Entry entry in s_entries)
        {
            if (namespaceUri.SequenceEqual(entry.NamespaceUri))
            {
                return entry.Schema.Value;
            }
        }

        return null;
    }

    private sealed record Entry(string Name, bool IsPartial, byte[] NamespaceUri, Lazy<MessageSchema> Schema)
    {
        public static Entry? OfResource(string resource)
        {
            string extension = Path.GetExtension(resource);
            return extension is Extension or PartialExtension
                ? Of(Path.GetFileNameWithoutExtension(resource), resource, extension == PartialExtension) : null;
        }

        public static Entry Of(string name, string resource, bool isPartial) =>
            new(name, isPartial, [.. MessageSchema.NamespacePrefix, .. Encoding.UTF8.GetBytes(name)],
                new Lazy<MessageSchema>(() => Load(name, resource, isPartial)));

        private static MessageSchema Load(string name, string resource, bool isPartial)
        {
            using StreamReader reader = new(s_assembly.GetManifestResourceStream(resource)!);
            string text = reader.ReadToEnd().Replace(Path.GetFileNameWithoutExtension(resource), name, StringComparison.Ordinal);
            return XsdCompiler.Compile(Encoding.UTF8.GetBytes(text), resource, isPartial);
        }
    }
}
