using System.Reflection;
using System.Text;

namespace Estream.Wire.Iso20022.Schema;

/// <summary>The built-in schemas, each compiled on first use. Thread-safe.</summary>
internal static class MessageSchemas
{
    private const string Extension = ".xsd";

    private static readonly Assembly s_assembly = typeof(MessageSchemas).Assembly;

    private static readonly Entry[] s_entries =
    [
        .. s_assembly.GetManifestResourceNames()
            .Where(resource => resource.EndsWith(Extension, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(resource => Entry.Of(resource[..^Extension.Length])),
    ];

    /// <summary>The names of all messages and headers, such as <c>pacs.008.001.08</c>.</summary>
    public static IEnumerable<string> Names => s_entries.Select(entry => entry.Name);

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

    private sealed record Entry(string Name, byte[] NamespaceUri, Lazy<MessageSchema> Schema)
    {
        public static Entry Of(string name) =>
            new(name, [.. MessageSchema.NamespacePrefix, .. Encoding.UTF8.GetBytes(name)], new Lazy<MessageSchema>(() => Load(name)));

        private static MessageSchema Load(string name)
        {
            using Stream stream = s_assembly.GetManifestResourceStream(name + Extension)!;
            byte[] text = new byte[stream.Length];
            stream.ReadExactly(text);
            return XsdCompiler.Compile(text, name + Extension);
        }
    }
}
