using Estream.Cli.Output;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>What a registry gives and what is not to be taken: the answer no, and no failure, for people and for programs.</summary>
internal static class WorkspaceRejection
{
    /// <summary>Runs a command that asks registries; what is not to be taken of them is its answer.</summary>
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

    /// <summary>Says why the answer is no.</summary>
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

    // Who does not answer at all is out of reach: nothing is known of what they have.
    private static bool Is(Exception failed) =>
        failed is EstreamRegistryException { Fault: RegistryFault.Untrusted or RegistryFault.Malformed or RegistryFault.NotFound }
            or EstreamContentException { IsUnanswered: false };
}
