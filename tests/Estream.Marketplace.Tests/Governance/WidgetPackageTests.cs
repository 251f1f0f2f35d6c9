using System.Text;
using System.Text.Json;
using Estream.Esf.Schema;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>A widget agrees with its signed manifest, has permissions for its data, harmless pictures, and a bundle that a frame can
/// load.</summary>
public sealed class WidgetPackageTests
{
    private const string Toml = "estream-component.toml";
    private const string Yaml = "widget.manifest.yaml";
    private const string Bundle = "dist/index.js";
    private const string Icon = "assets/icon.svg";

    private static readonly Package s_template =
        ComponentFolder.Read(RepositoryRoot.Combine("src", "Estream.Cli", "Templates", "console-widget")).Package!;

    [Fact]
    public void The_template_has_no_errors() => Assert.Empty(Find(s_template));

    [Theory]
    [InlineData(Yaml, "id: \"@acme/doors\"", "id: \"@acme/windows\"", "id is [@acme/windows], but [@acme/doors] in estream-component.toml")]
    [InlineData(Yaml, "version: \"0.1.0\"", "version: \"0.2.0\"", "version is [0.2.0], but [0.1.0]")]
    [InlineData(Yaml, "[\"viewer\"]", "[\"viewer\", \"admin\"]", "required_roles is [viewer, admin], but [viewer]")]
    [InlineData(Yaml, "category: \"observability\"", "category: \"economics\"", "category is [economics], but [observability]")]
    [InlineData(Yaml, "data_source: \"subscription\"", "data_source: \"polling\"", "data_source is [polling], but [subscription]")]
    [InlineData(Yaml, "max_size: { cols: 8, rows: 6 }", "max_size: { cols: 9, rows: 6 }",
        "[2 by 2, 4 by 3, 9 by 6], but [2 by 2, 4 by 3, 8 by 6]")]
    [InlineData(Yaml, "/devices/{device_id}/telemetry", "/devices/{device_id}/alerts",
        "lex_streams is [lex://acme/doors/devices/{device_id}/alerts]")]
    [InlineData(Yaml, "  config_schema:", "  eslite_tables:\n    - { name: \"doors\", access: \"read\" }\n  config_schema:",
        "eslite_tables is [doors], but []")]
    [InlineData(Yaml, "entry: \"dist/index.js\"", "entry: \"dist/other.js\"", "entry is [dist/other.js], but [dist/index.js]")]
    [InlineData(Yaml, "    react: \"^19.0.0\"\n", "", "peer_dependencies has no version range of 'react'")]
    [InlineData(Yaml, "react: \"^19.0.0\"", "react: \"^18.0.0\"",
        "peer_dependencies has react ^18.0.0, but the console supplies 19.3.1: write for example 'react: \"^19.3.1\"'")]
    [InlineData(Yaml, "browser\": \"^0.1.0\"", "browser\": \"^0.8.0\"", "@estream/sdk-browser ^0.8.0, but the console supplies 0.1.0")]
    [InlineData(Yaml, "    react:", "    lodash: \"^4.0.0\"\n    react:", "'lodash', which the console does not supply: include it in the")]
    [InlineData(Yaml, "  icon:", "  minimum_role: admin\n  icon:", "'minimum_role' has no meaning in 'widget': remove it")]
    [InlineData(Yaml, "      required: true", "      optional: true", "'optional' has no meaning in one of 'lex_streams': remove it")]
    [InlineData(Yaml, "    format:", "    sourcemap: true\n    format:", "'sourcemap' has no meaning in 'bundle': remove it")]
    [InlineData(Yaml, "assets/thumbnail.png", "assets/icon.svg", "assets/icon.svg: is not a PNG picture")]
    [InlineData(Yaml, "assets/thumbnail.png", "assets/preview.png", "'assets/preview.png' is not in the package")]
    [InlineData(Yaml, "  category:", "  screenshots: [\"assets/wide.png\"]\n  category:", "'assets/wide.png' is not in the package")]
    [InlineData(Yaml, "type: integer", "type: colour", "'type' must be one of string, integer, number, boolean")]
    [InlineData(Toml, "\"data:read.doors\"", "\"refresh:5s\"",
        "no permission covers 'lex://acme/doors/devices/{device_id}/telemetry'. Add \"data:read.doors\"")]
    [InlineData(Bundle, "export default function", "function", "the bundle has no default export")]
    [InlineData(Bundle, "'react'", "'react-router'", "imports 'react-router', which the console does not supply")]
    [InlineData(Bundle, "const cell", "new Function('');\nconst cell", "Function creates code from text")]
    [InlineData(Icon, "<circle", "<foreignObject/><circle", "has the element 'foreignObject'")]
    public void A_widget_that_differs_or_cannot_run_is_reported(string path, string text, string other, string expected)
    {
        SchemaDiagnostic found = Assert.Single(Find(Changed(s_template, path, text, other)));
        Assert.Contains(expected, found.Message, StringComparison.Ordinal);
        Assert.Contains(found.File, new[] { Toml, Yaml, Bundle });
    }

    [Fact]
    public void A_backing_circuit_is_refused()
    {
        Package widget = Changed(s_template, Toml, "supports_light_mode", "backing_circuit = \"a.circuit.yaml\"\nsupports_light_mode");
        SchemaDiagnostic found = Assert.Single(Find(widget));
        Assert.Contains("Make it a smart-circuit and depend on it", found.Message, StringComparison.Ordinal);
        Assert.Equal(22, found.Position.Line);
    }

    [Theory]
    [InlineData("static", "\"data:read.doors\"", true, "reads no data: remove lex_streams and eslite_tables")]
    [InlineData("static", "\"refresh:5s\"", false, "reads no data: remove refresh:5s")]
    [InlineData("polling", "\"refresh:5s\"", false, "needs lex_streams or eslite_tables")]
    [InlineData("polling", "\"data:read.doors\"", true, "needs the permission refresh:TIME")]
    [InlineData("polling", "\"data:read.doors\", \"refresh:5s\"", true, null)]
    [InlineData("static", "", false, null)]
    public void A_data_source_that_contradicts_the_data_or_the_permissions_is_refused(
        string source, string permissions, bool hasStream, string? expected)
    {
        Package widget = s_template;
        foreach (string path in new[] { Toml, Yaml })
        {
            widget = Changed(widget, path, "\"subscription\"", $"\"{source}\"");
        }

        widget = Changed(widget, Toml, "\"data:read.doors\"", permissions);
        if (!hasStream)
        {
            widget = Changed(Changed(widget, Toml, "lex_streams = [\"lex://acme/doors/devices/{device_id}/telemetry\"]\n", ""), Yaml,
                "  lex_streams:\n    - pattern: \"lex://acme/doors/devices/{device_id}/telemetry\"\n      description: \"Moves of doors\"\n"
                + "      required: true\n", "");
        }

        string[] found = [.. Find(widget).Select(one => one.Message)];
        if (expected is null)
        {
            Assert.Empty(found);
        }
        else
        {
            Assert.Contains(expected, Assert.Single(found), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_supplied_libraries_are_those_of_the_console()
    {
        using JsonDocument console = JsonDocument.Parse(File.ReadAllText(RepositoryRoot.Combine("console", "package.json")));
        using JsonDocument sdk = JsonDocument.Parse(File.ReadAllText(RepositoryRoot.Combine("packages", "sdk-browser", "package.json")));
        string Version(string library) => console.RootElement.GetProperty("dependencies").GetProperty(library).GetString()!;
        string peers = $"react: \"{Version("react")}\", react-dom: \"{Version("react-dom")}\", \"@estream/sdk-browser\": \""
            + $"{sdk.RootElement.GetProperty("version").GetString()}\"";
        Assert.Empty(WidgetManifest.Read(Encoding.UTF8.GetBytes($"widget: {{ peer_dependencies: {{ {peers} }} }}")).UnmetPeers);
    }

    [Theory]
    [InlineData("data:read.carbon", true)]
    [InlineData("data:read.*", true)]
    [InlineData("data:read.carb", false)]
    [InlineData("data:read.carbon_credits", false)]
    [InlineData("data:read.acme", false)]
    public void A_permission_covers_the_first_segment_and_tables_with_its_prefix(string permission, bool isCovered)
    {
        Package widget = Changed(Changed(Changed(s_template, Toml, "data:read.doors", permission), Toml,
            "lex://acme/doors/devices/{device_id}/telemetry\"]",
            "lex://acme/carbon/{id}/impact\"]\neslite_tables = [\"carbon\", \"carbon_credits\"]"), Yaml,
                "lex://acme/doors/devices/{device_id}/telemetry",
            "lex://acme/carbon/{id}/impact");
        widget = Changed(widget, Yaml, "  config_schema:",
            "  eslite_tables: [{ name: \"carbon\", access: \"read\" }, { name: \"carbon_credits\", access: \"read\" }]\n  config_schema:");
        string[] uncovered = [.. Find(widget).Select(found => found.Message)];
        Assert.All(uncovered, message => Assert.StartsWith("no permission covers '", message, StringComparison.Ordinal));
        Assert.Equal(isCovered, uncovered.Length == 0);
    }

    [Theory]
    [InlineData("import 'x'", 1, "imports 'x'")]
    [InlineData("\nexport * from \"x\";", 2, "imports 'x'")]
    [InlineData("export {a} from'x'", 1, "imports 'x'")]
    [InlineData("import a, {b as c} from './local.js'", 1, "imports './local.js'")]
    [InlineData("const a = import('x')", 1, "imports 'x'")]
    [InlineData("const a = import(name)", 1, "import() needs a string")]
    [InlineData("const a = import(`x`)", 1, "import() needs a string")]
    public void Imports_of_other_modules_are_found(string script, int line, string expected)
    {
        SchemaDiagnostic found = Assert.Single(Find(WithBundle(script + "\nexport default 1;")));
        Assert.Contains(expected, found.Message, StringComparison.Ordinal);
        Assert.Equal(line, found.Position.Line);
    }

    [Theory]
    [InlineData("export default 1")]
    [InlineData("const a = 1; export { a as default }")]
    [InlineData("import a from 'react'; export { a as default, b }; const b = { from: 'x', import: 'y' }; a.import('z'); a.from('q')")]
    [InlineData("import * as a from 'react-dom'; import {jsx as j} from\n'react/jsx-runtime'; // from 'x'\nexport default 1")]
    [InlineData("export default 'import \"x\"'; import.meta")]
    public void A_module_with_supplied_imports_and_a_default_export_is_accepted(string script) => Assert.Empty(Find(WithBundle(script)));

    [Theory]
    [InlineData("export const a = 1")]
    [InlineData("import { default as a } from 'react'; switch (a) { default: }")]
    [InlineData("const a = { default: 1 }; a.export.default")]
    public void A_module_without_a_default_export_is_refused(string script) =>
        Assert.Contains("no default export", Assert.Single(Find(WithBundle(script))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "has the attribute 'onload'")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' style='background:url(//x)'/>", "has the attribute 'style'")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><style>@import '//x'</style></svg>", "has the element 'style'")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><image href='//x'/></svg>", "has the element 'image'")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><use href='#a'/></svg>", "has the element 'use'")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><mask><path mask='url(#a)'/></mask></svg>", "has the element 'mask'")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><clipPath><g><path clip-path='url(#a)'/></g></clipPath></svg>",
        "has the attribute 'clip-path'")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><linearGradient href='//x#a'/></svg>",
        "refers to another file in the attribute 'href'")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' xmlns:l='http://www.w3.org/1999/xlink'><linearGradient l:href='x.svg#a'/></svg>",
        "refers to another")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><path fill='URL(//x)'/></svg>", "refers to another file in the attribute 'fill'")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><path fill='u\\72l(//x)'/></svg>",
        "refers to another file in the attribute 'fill'")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><a/></svg>", "has the element 'a'")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><s:script xmlns:s='http://www.w3.org/1999/xhtml'/></svg>",
        "has the element 's:script'")]
    [InlineData("<svg/>", "has the element 'svg'")]
    [InlineData("<g xmlns='http://www.w3.org/2000/svg'/>", "has the element 'g'")]
    [InlineData("<?xml-stylesheet href='//x'?><svg xmlns='http://www.w3.org/2000/svg'/>", "has a processing instruction")]
    [InlineData("<!DOCTYPE svg [<!ENTITY a 'b'>]><svg xmlns='http://www.w3.org/2000/svg'/>", "is not valid XML")]
    [InlineData("", "is not valid XML")]
    public void An_icon_that_could_run_or_load_something_is_refused(string svg, string expected) =>
        Assert.Contains(expected, WidgetPictures.IconFault(Encoding.UTF8.GetBytes(svg)), StringComparison.Ordinal);

    [Fact]
    public void An_icon_can_refer_to_itself_and_is_limited()
    {
        Assert.Null(WidgetPictures.IconFault(
            "<svg xmlns='http://www.w3.org/2000/svg'><clipPath id='a'><path/></clipPath><g clip-path='url(#a)' fill='url(#b)'/></svg>"u8
                .ToArray()));
        Assert.StartsWith("has 65537 bytes", WidgetPictures.IconFault(new byte[WidgetPictures.MaxIconBytes + 1]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_that_is_not_exactly_a_small_png_is_refused()
    {
        Assert.True(s_template.TryGet("assets/thumbnail.png", out PackageFile? file));
        byte[] png = file.Content.ToArray();
        Assert.Null(WidgetPictures.PngFault(png));
        Assert.Contains("truncated", WidgetPictures.PngFault(png.AsSpan(0, png.Length - 1)), StringComparison.Ordinal);
        Assert.Contains("other bytes after its end", WidgetPictures.PngFault([.. png, 0]), StringComparison.Ordinal);
        Assert.Equal("is not a PNG picture", WidgetPictures.PngFault("GIF89a"u8));
        Assert.StartsWith("has 1048577 bytes", WidgetPictures.PngFault(new byte[WidgetPictures.MaxPngBytes + 1]), StringComparison.Ordinal);
        png[17] = 1;
        Assert.Contains("by 240 pixels, and the limit is 4096", WidgetPictures.PngFault(png), StringComparison.Ordinal);
    }

    private static IReadOnlyList<SchemaDiagnostic> Find(Package package)
    {
        ManifestReadResult read = ManifestReader.Read(package.Manifest.Span);
        Assert.True(read.Manifest is not null, string.Join('\n', read.Diagnostics));
        return WidgetPackageCheck.Find(read.Manifest, package);
    }

    private static Package WithBundle(string script) => Package.Of(s_template.Files.Select(file =>
        file.Path == Bundle ? file with { Content = Encoding.UTF8.GetBytes(script) } : file));

    private static Package Changed(Package package, string path, string text, string other) => Package.Of(package.Files.Select(file =>
    {
        if (file.Path != path)
        {
            return file;
        }

        string whole = Encoding.UTF8.GetString(file.Content.Span);
        Assert.Contains(text, whole, StringComparison.Ordinal);
        return file with { Content = Encoding.UTF8.GetBytes(whole.Replace(text, other, StringComparison.Ordinal)) };
    }));
}
