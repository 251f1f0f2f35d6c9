using System.Reflection;
using System.Text;

namespace Estream.Wire.Iso20022.Schema;

/// <summary>The schemas that come with this library, each compiled when it is first asked for. Thread-safe.</summary>
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

    /// <summary>The names of all messages and headers, as in <c>pacs.008.001.08</c>.</summary>
    public static IEnumerable<string> Names => s_entries.Select(entry => entry.Name);

    /// <summary>Looks a schema up by its name; null where there is none.</summary>
    public static MessageSchema? ByName(string name) => s_entries.FirstOrDefault(entry => entry.Name == name)?.Schema.Value;

    /// <summary>Looks a schema up by its namespace; null where there is none.</summary>
    public static MessageSchema? ByNamespace(ReadOnlySpan<byte> namespaceUri)
    {
        // Some twenty, and asked once or twice a message.
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
