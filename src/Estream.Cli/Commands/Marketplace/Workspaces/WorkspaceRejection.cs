using Estream.Cli.Output;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Reports data from a registry that is not accepted: exit code 1, as text or JSON.</summary>
internal static class WorkspaceRejection
{
    /// <summary>Runs a command that contacts registries, and reports data that is not accepted.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> AnswerAsync(CliContext context, bool isJson, Func<Task<int>> act)
    {
        try
        {
            return await act().ConfigureAwait(false);
        }
        catch (Exception refused) when (Is(refused))
        {
            return Say(context, isJson, "refused", refused.Message);
        }
    }

    /// <summary>Writes the reason of a refusal.</summary>
    /// <returns>The exit code.</returns>
    public static int Say(CliContext context, bool isJson, string status, string message)
    {
        if (isJson)
        {
            using LineWriter lines = new(context.Output);
            WorkspaceText.WriteRefusal(lines, status, message);
        }
        else
        {
            context.Error.WriteLine($"estream: {WorkspaceText.Plain(message)}");
        }

        return ExitCode.No;
    }

    // A registry that does not answer is unreachable, which is a failure and not a refusal.
    private static bool Is(Exception failed) =>
        failed is EstreamRegistryException { Fault: RegistryFault.Untrusted or RegistryFault.Malformed or RegistryFault.NotFound }
            or EstreamContentException { IsUnanswered: false };
}
