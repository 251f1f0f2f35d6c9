using System.Globalization;
using System.Text;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>The journal of a FIX session, which a host with the role auto replicates, so that another host continues the session.</summary>
/// <param name="Stream">The name in the cluster.</param>
/// <param name="Directory">The directory of the queue.</param>
internal sealed record JournalPlan(string Stream, string Directory)
{
    /// <summary>The journals of an adapter that can be replicated: those that are not encrypted.</summary>
    public static IEnumerable<JournalPlan> Of(AdapterPlan adapter) =>
        adapter.Settings.Afresh().List("Sessions")
            .Where(session => session.Text("Journal") is not null && session.Text("JournalKeyFile") is null)
            .Select(session => new JournalPlan(
                $"fix/{adapter.Name}/{NameOf(session.RequireText("SenderCompId"))}/{NameOf(session.RequireText("TargetCompId"))}",
                Path.GetFullPath(session.Text("Journal")!)));

    // Names of streams allow few characters. An escape makes different identifiers different names.
    private static string NameOf(string compId)
    {
        StringBuilder name = new();
        foreach (char c in compId)
        {
            _ = char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? name.Append(c)
                : name.Append(CultureInfo.InvariantCulture, $"_{(int)c:x}_");
        }

        return name.ToString();
    }
}
