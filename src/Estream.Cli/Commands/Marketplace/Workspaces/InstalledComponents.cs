using System.CommandLine;
using System.CommandLine.Completions;
using Estream.Core;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Completes the names of installed components in a shell. Contacts no registry.</summary>
internal static class InstalledComponents
{
    /// <summary>Adds the names of installed components to the completions of an argument.</summary>
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
            // Completion must not print errors.
            return [];
        }
    }
}
