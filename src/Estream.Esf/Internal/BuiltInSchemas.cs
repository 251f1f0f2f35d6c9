using System.Reflection;
using System.Text;

namespace Estream.Esf.Internal;

/// <summary>The schema files embedded in this assembly. Their only source is the packs under schemas/.</summary>
internal static class BuiltInSchemas
{
    private const string Suffix = ".esf.yaml";

    public static EsfSchemaFile[] ReadFiles()
    {
        Assembly assembly = typeof(BuiltInSchemas).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(Suffix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new EsfSchemaFile(name, Read(assembly, name)))
            .ToArray();
    }

    private static string Read(Assembly assembly, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream(name)!;
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
