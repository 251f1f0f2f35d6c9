using Estream.Esf.Schema;
using Estream.Marketplace;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Workspaces;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>A workspace with the widget of <c>pixels.js</c>.</summary>
internal static class PixelsWidget
{
    public const string Name = "@bench/pixels";

    /// <summary>The stream that the widget shows.</summary>
    public const string Stream = "lex://bench/pixels/all";

    private const string Version = "1.0.0";
    private const string Permission = "data:read.pixels";
    private const string Entry = "dist/index.js";

    /// <summary>Installs the widget.</summary>
    /// <param name="workspace">The folder of the workspace.</param>
    /// <param name="cache">The folder of the cache.</param>
    public static void Install(string workspace, string cache)
    {
        Package package = PackOf(Path.Combine(workspace, "source"));
        LockedComponent locked = new()
        {
            Name = ComponentName.Parse(Name), Version = SemanticVersion.Parse(Version), Root256 = package.Identity.Root256, LogIndex = 0,
            KeyId = "a-key", Source = "directory:here", Permissions = [Permission],
        };
        WorkspaceLock wanted = new(
            [new ComponentRequirement(locked.Name, VersionRange.Parse("*"))], [locked], new Dictionary<string, ComponentName>());
        WorkspaceInstallResult installed = new WorkspaceInstaller(new WorkspaceFolder(workspace), new ComponentCache(cache))
            .InstallAsync(wanted, (_, _) => ValueTask.FromResult(BytesOf(package)), isApproved: true).GetAwaiter().GetResult();
        if (installed.Status != WorkspaceInstallStatus.Installed)
        {
            throw new ScenarioException($"the widget was not installed: {installed.Status} {installed.Message}");
        }
    }

    private static Package PackOf(string source)
    {
        Directory.CreateDirectory(Path.Combine(source, "dist"));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "pixels.js"), Path.Combine(source, Entry));
        File.WriteAllText(Path.Combine(source, ComponentManifest.FileName), $$"""
            [component]
            name = "{{Name}}"
            version = "{{Version}}"
            category = "console-widget"
            description = "Shows how late messages are painted"
            license = "Apache-2.0"
            permissions = ["{{Permission}}"]

            [component.widget]
            widget_category = "observability"
            required_roles = ["viewer"]
            default_size = { cols = 3, rows = 3 }
            min_size = { cols = 2, rows = 2 }
            max_size = { cols = 8, rows = 6 }
            data_source = "subscription"
            lex_streams = ["{{Stream}}"]
            console_min_version = "0.1.0"
            supports_light_mode = true

            [component.widget.bundle]
            entry = "{{Entry}}"
            format = "esm"
            framework = "react"
            """);
        File.WriteAllText(Path.Combine(source, "widget.manifest.yaml"), $$"""
            widget:
              id: "{{Name}}"
              version: "{{Version}}"
              title: "Pixels"
              icon: "assets/icon.svg"
              thumbnail: "assets/thumbnail.png"
              category: "observability"
              data_source: "subscription"
              required_roles: ["viewer"]
              default_size: { cols: 3, rows: 3 }
              min_size: { cols: 2, rows: 2 }
              max_size: { cols: 8, rows: 6 }
              lex_streams:
                - pattern: "{{Stream}}"
              bundle: { entry: "{{Entry}}", format: "esm", framework: "react" }
            """);
        PackageBuildResult built = PackageBuilder.Build(source);
        return built.Package ?? throw new ScenarioException($"the widget was not packed: {string.Join("; ", built.Problems)}");
    }

    private static Stream BytesOf(Package package)
    {
        MemoryStream bytes = new();
        package.Write(bytes);
        bytes.Position = 0;
        return bytes;
    }
}
