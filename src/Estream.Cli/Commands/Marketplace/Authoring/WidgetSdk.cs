using System.Formats.Tar;
using System.IO.Compression;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>The package <c>@estream/sdk-browser</c> (packages/sdk-browser), embedded in this program, because no registry of npm has it.
/// The package has the TypeScript sources: the console supplies the compiled SDK to a bundle, so an author needs types and the fake host
/// of unit tests.</summary>
internal static class WidgetSdk
{
    private const string Root = "sdk-browser/";
    private const string Manifest = Root + "package.json";

    private static readonly Assembly s_assembly = typeof(WidgetSdk).Assembly;

    /// <summary>Writes the package into the folder <c>vendor</c> of a widget, where its package.json refers to it.</summary>
    /// <returns>The path of the file, relative to the folder of the widget.</returns>
    public static string Write(string folder)
    {
        JsonNode manifest = JsonNode.Parse(Read(Manifest))!;
        string path = Path.Combine("vendor", $"estream-sdk-browser-{(string)manifest["version"]!}.tgz");
        Directory.CreateDirectory(Path.Combine(folder, "vendor"));
        using FileStream file = File.Create(Path.Combine(folder, path));
        using GZipStream compressed = new(file, CompressionLevel.SmallestSize);
        using TarWriter tar = new(compressed, TarEntryFormat.Ustar);
        foreach (string resource in s_assembly.GetManifestResourceNames().Where(one => one.StartsWith(Root, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            byte[] content = resource == Manifest ? WithSources(manifest) : Read(resource);
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"package/{resource[Root.Length..]}")
            {
                ModificationTime = DateTimeOffset.UnixEpoch, DataStream = new MemoryStream(content),
            });
        }

        return path;
    }

    private static byte[] WithSources(JsonNode manifest)
    {
        manifest["exports"] = new JsonObject { ["."] = "./src/index.ts", ["./testing"] = "./src/testing.ts" };
        manifest["files"] = new JsonArray("src");
        manifest.AsObject().Remove("scripts");
        manifest.AsObject().Remove("devDependencies");
        return Encoding.UTF8.GetBytes(manifest.ToJsonString());
    }

    private static byte[] Read(string resource)
    {
        using MemoryStream content = new();
        using Stream stream = s_assembly.GetManifestResourceStream(resource)!;
        stream.CopyTo(content);
        return content.ToArray();
    }
}
