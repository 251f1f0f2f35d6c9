using System.Globalization;
using System.Text;
using Estream.Circuits;
using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Widgets;
using Estream.Queue;

namespace Estream.Marketplace.Governance;

/// <summary>
/// The versions that were published: as the decisions say that are in their queue, and those of this opening, which may not be there yet.
/// Each of the latter counts for requests behind its own alone: a request that comes again comes to the same. One thread at a time; about a
/// hundred bytes for each release.
/// </summary>
internal sealed class PublishedWidgets(EstreamQueue decisions, int limit = WidgetPublishLimits.MaxWidgets)
{
    // Before every request of this opening.
    private const long Before = long.MinValue;

    private readonly Dictionary<string, List<(long Position, SemanticVersion Version)>> _widgets = new(StringComparer.Ordinal);
    private bool _isLoaded;

    /// <summary>The latest version of a widget that was published before a request.</summary>
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

        // Whatever was said of this request and of those behind it was taken back, since it comes again.
        _ = versions.RemoveAll(version => version.Position >= position);
        return versions.Count == 0 ? null : versions[^1].Version;
    }

    /// <summary>Takes a version as published.</summary>
    public void Add(string widget, SemanticVersion version, long position)
    {
        if (!_widgets.TryGetValue(widget, out List<(long Position, SemanticVersion Version)>? versions))
        {
            if (_widgets.Count == limit)
            {
                throw new EstreamFormatException(
                    string.Create(CultureInfo.InvariantCulture,
                        $"There are {limit} widgets, and no more can be published: have other scopes published by a circuit with other "
                        + $"queues."), decisions.Directory);
            }

            _widgets.Add(widget, versions = []);
        }

        versions.Add((position, version));
    }

    // At the first request, when all decisions of the time before are there: a batch that was not made permanent never was.
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
                    $"The decision at position {message.Position} of {decisions.Directory} is damaged, and which version it publishes "
                    + $"cannot be told: nothing is decided. Only this circuit may write there."), decisions.Directory);
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
