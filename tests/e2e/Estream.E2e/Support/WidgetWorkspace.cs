using Estream.Host.Tests.Components;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;

namespace Estream.E2e;

/// <summary>A workspace with a widget, for the setting <c>Components:Workspace</c>.</summary>
/// <param name="folder">An existing folder.</param>
internal sealed class WidgetWorkspace(string folder)
{
    public const string Name = "@acme/doors";

    /// <summary>The stream that the manifest of the widget declares.</summary>
    public const string Stream = "lex://acme/doors/moves";

    /// <summary>The table that the manifest of the widget declares.</summary>
    public const string Table = "doors_latest";

    private readonly string _workspace = Path.Combine(folder, "workspace");

    /// <summary>The section <c>Components</c> of a configuration.</summary>
    public object Section => new { Workspace = _workspace, Cache = Path.Combine(folder, "cache"), RevokedFile };

    private string RevokedFile => Path.Combine(folder, "revoked");

    /// <summary>Installs the widget with a bundle.</summary>
    public void Install(string bundle)
    {
        string source = Path.Combine(folder, "source");
        Directory.CreateDirectory(Path.Combine(source, "dist"));
        File.WriteAllText(Path.Combine(source, "dist", "index.js"), bundle);
        File.WriteAllText(Path.Combine(source, ComponentManifest.FileName), $$"""
            [component]
            name = "{{Name}}"
            version = "0.1.0"
            category = "console-widget"
            description = "A component of a test"
            license = "Apache-2.0"
            permissions = ["data:read.doors"]

            [component.widget]
            widget_category = "observability"
            required_roles = ["viewer"]
            default_size = { cols = 4, rows = 3 }
            min_size = { cols = 2, rows = 2 }
            max_size = { cols = 8, rows = 6 }
            data_source = "subscription"
            lex_streams = ["{{Stream}}"]
            eslite_tables = ["{{Table}}"]
            console_min_version = "0.1.0"
            supports_light_mode = true

            [component.widget.bundle]
            entry = "dist/index.js"
            format = "esm"
            framework = "react"
            """);
        File.WriteAllText(Path.Combine(source, "widget.manifest.yaml"), $$"""
            widget:
              id: "{{Name}}"
              version: "0.1.0"
              title: "Doors"
              icon: "assets/icon.svg"
              thumbnail: "assets/thumbnail.png"
              category: "observability"
              data_source: "subscription"
              required_roles: ["viewer"]
              default_size: { cols: 4, rows: 3 }
              min_size: { cols: 2, rows: 2 }
              max_size: { cols: 8, rows: 6 }
              lex_streams:
                - pattern: "{{Stream}}"
              bundle: { entry: "dist/index.js", format: "esm", framework: "react" }
              peer_dependencies: { react: "^19.0.0", "@estream/sdk-browser": "^0.1.0" }
            """);
        File.WriteAllText(RevokedFile, "");
        PackageBuildResult built = PackageBuilder.Build(source);
        Assert.True(built.Package is not null, string.Join('\n', built.Problems));
        ComponentInstaller.Install(built.Package, _workspace, Path.Combine(folder, "cache"));
    }

    /// <summary>Adds the widget to the list of revoked components.</summary>
    public void Revoke() =>
        File.WriteAllText(RevokedFile, $"{Name}\n");
}
