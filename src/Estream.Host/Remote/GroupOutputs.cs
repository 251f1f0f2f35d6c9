using Estream.Client;

namespace Estream.Host.Remote;

/// <summary>A consumer group of a partitioned queue.</summary>
internal readonly record struct GroupName(string Queue, string Group);

/// <summary>The output of each group that has remote members. With two outputs, messages could have two effects or none.
/// Thread-safe.</summary>
/// <param name="failures">The failures of the groups, which end with the last remote member of a group.</param>
internal sealed class GroupOutputs(GroupFailures failures)
{
    private readonly Dictionary<GroupName, (string Output, int Members)> _outputs = [];

    /// <summary>Counts a member.</summary>
    /// <param name="group">The group.</param>
    /// <param name="output">The queue of its results; empty for none.</param>
    /// <exception cref="RemoteRefusalException">Other members have another output.</exception>
    public void Enter(GroupName group, string output)
    {
        lock (_outputs)
        {
            (string known, int members) = _outputs.GetValueOrDefault(group, (output, 0));
            if (known != output)
            {
                throw new RemoteRefusalException(ClientStatus.Invalid,
                    $"The members of group '{group.Group}' of queue '{group.Queue}' use {Text(known)}, but this member asked for "
                    + $"{Text(output)}. All members of a group use the same output.");
            }

            _outputs[group] = (known, members + 1);
        }
    }

    /// <summary>Forgets a member that has entered.</summary>
    public void Leave(GroupName group)
    {
        lock (_outputs)
        {
            (string output, int members) = _outputs[group];
            if (members == 1)
            {
                _outputs.Remove(group);
                failures.Forget(group);
            }
            else
            {
                _outputs[group] = (output, members - 1);
            }
        }
    }

    private static string Text(string output) => output.Length == 0 ? "no output" : $"the output '{output}'";
}
