using System.CommandLine;
using System.CommandLine.Parsing;
using Estream.Crypto;

namespace Estream.Cli.Commands;

/// <summary>The options of <c>estream token new</c> that restrict a token to queues and maps.</summary>
internal sealed class TokenScopeOptions
{
    private const string None = "none";

    public Option<string[]> Queue { get; } = new("--queue")
    {
        Description = "Restricts the token to queues: a name or START*, then read, append or both: 'telemetry*:read,append'. Repeatable. "
            + "A queue that an adapter sends or owns accepts appends only from a token with its whole name.",
        HelpName = "PATTERN:RIGHTS",
    };

    public Option<string[]> Map { get; } = new("--map")
    {
        Description = "Restricts the token to maps, with the rights read and write: settings:write. Repeatable.",
        HelpName = "PATTERN:RIGHTS",
    };

    public Option<string?> Fhir { get; } = new("--fhir")
    {
        Description = "none: the token does not reach the logs of FHIR servers.", HelpName = None,
    };

    /// <summary>Reports scopes that are not valid, and those that the role does not permit.</summary>
    public void Check(CommandResult result, string? role)
    {
        if (result.GetValue(Fhir) is { } fhir && fhir != None)
        {
            result.AddError($"--fhir '{fhir}' is not valid: FHIR servers have their own tokens, in TokensFile of the adapter. Write --fhir "
                + "none, or remove the option.");
            return;
        }

        try
        {
            AccessScopes scopes = Of(result.GetValue(Queue), result.GetValue(Map), result.GetValue(Fhir));
            if (scopes.HasChanges && role is "viewer")
            {
                result.AddError($"The rights append and write need --role operator, but the role is {role}.");
            }
            else if (role == "metrics" && !scopes.Equals(AccessScopes.All))
            {
                result.AddError("A token of the role metrics reaches no queues and maps. Remove --queue, --map and --fhir.");
            }
        }
        catch (FormatException refused)
        {
            result.AddError(refused.Message);
        }
    }

    /// <summary>Returns the scopes of a command line that passed <see cref="Check"/>.</summary>
    public AccessScopes Read(ParseResult parsed) => Of(parsed.GetValue(Queue), parsed.GetValue(Map), parsed.GetValue(Fhir));

    private static AccessScopes Of(string[]? queues, string[]? maps, string? fhir) =>
        AccessScopes.Create(queues ?? [], maps ?? [], fhir is null);
}
