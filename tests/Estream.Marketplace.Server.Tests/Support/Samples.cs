using System.Text;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Server.Tests.Support;

/// <summary>Small packages.</summary>
internal static class Samples
{
    public static Package Theme(string version = "1.0.0", string name = "@acme/card", string description = "Brass", string style = "a") =>
        Package.Of(
        [
            new PackageFile(PackagePath.Manifest, false, Encoding.UTF8.GetBytes($"""
                [component]
                name = "{name}"
                version = "{version}"
                category = "theme"
                description = "{description}"
                license = "Apache-2.0"

                [component.theme]
                stylesheet = "brass.css"
                modes = ["dark"]

                """)),
            new PackageFile("brass.css", false, Encoding.UTF8.GetBytes($"/* {style} */\n:root {{ }}\n")),
        ]);

    /// <summary>A theme without the file that its manifest names.</summary>
    public static Package WithoutStylesheet() => Package.Of(Theme().Files.Where(file => file.Path != "brass.css"));

    public static Package Skill(string version = "1.0.0", string permissions = "", string name = "@acme/helper",
        string text = "# Doors\n") =>
        Package.Of(
        [
            new PackageFile(PackagePath.Manifest, false, Encoding.UTF8.GetBytes($"""
                [component]
                name = "{name}"
                version = "{version}"
                category = "skill"
                description = "Answers questions about doors"
                license = "MIT"
                permissions = [{permissions}]

                [component.skill]
                entry = "SKILL.md"
                triggers = ["door report"]

                """)),
            new PackageFile("SKILL.md", false, Encoding.UTF8.GetBytes(text)),
        ]);
}
