using System.Globalization;
using System.Text;
using Estream.Circuits;
using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Widgets;
using Estream.Queue;

namespace Estream.Marketplace.Governance;

/// <summary>
/// The published versions of widgets. Versions published before the circuit was opened are read from the decision queue. Versions decided
/// since are added by <see cref="Add"/>, because their decisions may not be in the queue yet. An added version is visible only to requests
/// after the request that published it, so a replayed request gets the same decision. Not thread-safe; uses about 100 bytes per release.
/// </summary>
internal sealed class PublishedWidgets(EstreamQueue decisions, int limit = WidgetPublishLimits.MaxWidgets)
{
    // The position of versions read from the queue. It is lower than the position of every request, so all requests see these versions.
    private const long Before = long.MinValue;

    private readonly Dictionary<string, List<(long Position, SemanticVersion Version)>> _widgets = new(StringComparer.Ordinal);
    private bool _isLoaded;

    /// <summary>Returns the latest version of a widget that was published before a request.</summary>
    /// <param name="widget">The id of the widget.</param>
    /// <param name="position">The position of the request.</param>
    /// <exception cref="EstreamException">The decisions cannot be read.</exception>
    public SemanticVersion? LatestBefore(string widget, long position)
    {
        Load();
        if (!_widgets.TryGetValue(widget, out List<(long Position, SemanticVersion Version)>? versions))
        {
            return null;
        }

        // If this request is replayed, the decisions about it and about later requests were rolled back.
        _ = versions.RemoveAll(version => version.Position >= position);
        return versions.Count == 0 ? null : versions[^1].Version;
    }

    /// <summary>Records a version as published.</summary>
    public void Add(string widget, SemanticVersion version, long position)
    {
        if (!_widgets.TryGetValue(widget, out List<(long Position, SemanticVersion Version)>? versions))
        {
            if (_widgets.Count == limit)
            {
                throw new EstreamFormatException(
                    string.Create(CultureInfo.InvariantCulture,
                        $"The limit of {limit} published widgets is reached. Publish other scopes with a circuit that has other "
                        + $"queues."), decisions.Directory);
            }

            _widgets.Add(widget, versions = []);
        }

        versions.Add((position, version));
    }

    // Reads the queue at the first request, when the queue holds all earlier decisions. Later, the decisions of an uncommitted batch are
    // missing from the queue.
    private void Load()
    {
        if (_isLoaded)
        {
            return;
        }

        _widgets.Clear();
        using QueueTailer tailer = decisions.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            if (WidgetPublishDecision.View.TryOf(message.Payload, out WidgetPublishDecision.View decision))
            {
                Load(in decision, in message);
            }
        }

        _isLoaded = true;
    }

    private void Load(in WidgetPublishDecision.View decision, scoped in QueueMessage message)
    {
        if (!WidgetPublishDecision.Validate(message.Payload).IsOk)
        {
            throw new EstreamFormatException(
                string.Create(CultureInfo.InvariantCulture,
                    $"The decision at position {message.Position} of {decisions.Directory} is damaged, so its version is "
                    + $"unknown and nothing is decided. Only this circuit may write there."), decisions.Directory);
        }

        if (!decision.Approved || !SemanticVersion.TryParse(Encoding.UTF8.GetString(decision.Version), out SemanticVersion? version, out _))
        {
            return;
        }

        string widget = Encoding.UTF8.GetString(decision.WidgetId);
        if (version!.CompareTo(_widgets.GetValueOrDefault(widget)?[^1].Version) > 0)
        {
            _ = _widgets.Remove(widget);
            Add(widget, version, Before);
        }
    }
}
