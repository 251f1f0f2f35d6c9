using System.Text.Json.Nodes;
using Estream.Esf.Schema;
using Estream.Host.Components;
using Estream.Host.Tests.Components;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Workspaces;
using Estream.Testing;

namespace Estream.Host.Tests.Widgets;

/// <summary>A workspace with installed widgets and themes.</summary>
internal sealed class WidgetCase : IDisposable
{
    public const string Bundle = "export default () => null;\n";
    public const string Icon = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n";

    private readonly TempDirectory _directory = new();
    private int _sources;

    public WidgetCase()
    {
        File.WriteAllText(Revoked, "");
        Directory.CreateDirectory(Path.GetDirectoryName(LockPath)!);
    }

    /// <summary>The list of revoked components; empty at first.</summary>
    public string Revoked => _directory.Combine("revoked");

    public string LockPath => _directory.Combine("workspace", WorkspaceLock.FileName);

    public ComponentWorkspace Workspace => new(_directory.Combine("workspace"), _directory.Combine("cache")) { RevokedFile = Revoked };

    /// <summary>The section <c>Components</c> of a host.</summary>
    public JsonObject Settings => new()
    {
        [nameof(Workspace)] = Workspace.Workspace, ["Cache"] = Workspace.Cache, ["RevokedFile"] = Revoked, ["WidgetBytes"] = 1 << 20,
    };

    public void Dispose() => _directory.Dispose();

    /// <summary>Returns the entry of a component in the lock.</summary>
    public LockedComponent Locked(string name) =>
        new WorkspaceFolder(_directory.Combine("workspace")).ReadLock()!.Components.Single(one => one.Name.ToString() == name);

    /// <summary>Changes a member of a component in the lock.</summary>
    public void SetInLock(string name, string member, string json)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(LockPath))!;
        JsonObject entry = root["components"]!.AsArray().Select(one => one!.AsObject()).Single(one => (string)one["name"]! == name);
        entry[member] = JsonNode.Parse(json);

        // The lock has the members in canonical order.
        KeyValuePair<string, JsonNode?>[] members = [.. entry.OrderBy(one => one.Key, StringComparer.Ordinal)];
        entry.Clear();
        members.ToList().ForEach(entry.Add);
        File.WriteAllText(LockPath, root.ToJsonString());
    }

    /// <summary>Returns a file of a component in the cache.</summary>
    public string FileOf(string name, string path) =>
        Path.Combine(new ComponentCache(_directory.Combine("cache")).FolderOf(Locked(name).Root256), path);

    /// <summary>Installs a widget with an icon.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    /// <param name="bundle">The text of the bundle.</param>
    /// <param name="approved">The approved permissions; null for all that the manifest requests.</param>
    /// <param name="more">Other sections of the manifest.</param>
    /// <param name="permission">The permission of the manifest.</param>
    /// <param name="consoleVersion">The lowest version of the console.</param>
    /// <param name="react">The range of React.</param>
    /// <param name="isRequired">Whether the stream is required.</param>
    /// <param name="icon">The text of the icon.</param>
    public void InstallWidget(
        string name = "@acme/doors", string version = "0.1.0", string bundle = Bundle, string[]? approved = null, string more = "",
        string permission = "data:read.doors", string consoleVersion = "0.1.0", string react = "^19.0.0", string isRequired = "true",
        string icon = Icon) =>
        Install(name, version, "console-widget", $$"""
            permissions = ["{{permission}}"]

            [component.widget]
            widget_category = "observability"
            required_roles = ["operator"]
            default_size = { cols = 4, rows = 3 }
            min_size = { cols = 2, rows = 2 }
            max_size = { cols = 8, rows = 6 }
            data_source = "subscription"
            lex_streams = ["lex://acme/doors/{door}/moves"]
            eslite_tables = ["doors_open"]
            console_min_version = "{{consoleVersion}}"
            supports_light_mode = true

            [component.widget.bundle]
            entry = "dist/index.js"
            format = "esm"
            framework = "react"

            [component.include]
            assets = ["assets/*"]

            {{more}}
            """, approved,
            ("dist/index.js", bundle), ("assets/icon.svg", icon), ("assets/secret.txt", "secret"),
            ("widget.manifest.yaml", $$"""
                widget:
                  id: "{{name}}"
                  version: "{{version}}"
                  title: "Doors"
                  icon: "assets/icon.svg"
                  thumbnail: "assets/missing.png"
                  screenshots: ["assets/secret.txt"]
                  category: "observability"
                  data_source: "subscription"
                  required_roles: ["operator"]
                  default_size: { cols: 4, rows: 3 }
                  min_size: { cols: 2, rows: 2 }
                  max_size: { cols: 8, rows: 6 }
                  lex_streams:
                    - pattern: "lex://acme/doors/{door}/moves"
                      required: {{isRequired}}
                  config_schema:
                    properties:
                      unit: { type: string, default: "s" }
                  bundle: { entry: "dist/index.js", format: "esm", framework: "react" }
                  peer_dependencies: { react: "{{react}}", "@estream/sdk-browser": "^0.1.0" }
                """));

    public void InstallTheme(string css) => Install("@acme/brass", "1.0.0", "theme", """
        [component.theme]
        stylesheet = "theme.css"
        modes = ["dark"]
        """, null, ("theme.css", css));

    private void Install(
        string name, string version, string category, string sections, string[]? approved, params (string Path, string Text)[] files)
    {
        string folder = _directory.Combine($"source-{_sources++}");
        foreach ((string path, string text) in files.Append((ComponentManifest.FileName, $"""
            [component]
            name = "{name}"
            version = "{version}"
            category = "{category}"
            description = "A component of a test"
            license = "Apache-2.0"
            {sections}
            """)))
        {
            string full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }

        PackageBuildResult built = PackageBuilder.Build(folder);
        Assert.True(built.Package is not null, string.Join('\n', built.Problems));
        ComponentInstaller.Install(built.Package, _directory.Combine("workspace"), _directory.Combine("cache"), approved,
            isAdded: File.Exists(LockPath));
    }
}
