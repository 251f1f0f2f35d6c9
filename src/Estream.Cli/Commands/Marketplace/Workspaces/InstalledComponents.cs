using System.CommandLine;
using System.CommandLine.Completions;
using Estream.Core;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>The names of the components of a workspace, where a shell completes a word. Asks no registry.</summary>
internal static class InstalledComponents
{
    /// <summary>Has an argument completed by them.</summary>
    public static void Complete<T>(Argument<T> argument, WorkspaceOptions options) =>
        argument.CompletionSources.Add(asked => Names(asked, options));

    private static IEnumerable<string> Names(CompletionContext asked, WorkspaceOptions options)
    {
        try
        {
            return [.. new WorkspaceFolder(asked.ParseResult.GetValue(options.Folder) ?? ".").ReadLock()?.Components.Select(component =>
                component.Name.ToString()) ?? []];
        }
        catch (Exception none) when (none is EstreamException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            // Who completes a word is told nothing but words.
            return [];
        }
    }
}
