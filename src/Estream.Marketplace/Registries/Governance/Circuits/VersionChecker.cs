using System.Text;
using Estream.Circuits;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Marketplace.Widgets;

namespace Estream.Marketplace.Governance;

/// <summary>The node that checks that a version is higher than the latest published version of its widget, by Semantic Versioning
/// 2.0.</summary>
internal sealed class VersionChecker(PublishedWidgets published)
{
    private static readonly EsfWidening s_widening = new(WidgetRoled.Schema, WidgetVersioned.Schema);

    public void Run(ref NodeCall call)
    {
        WidgetRoled.View review = WidgetRoled.View.Of(call.Message);
        SemanticVersion? latest = published.LatestBefore(Encoding.UTF8.GetString(review.WidgetId), call.Position);
        bool isVersion = SemanticVersion.TryParse(Encoding.UTF8.GetString(review.Version), out SemanticVersion? version, out _);
        var made = MessageWidening.Begin<WidgetVersioned.Additions>(s_widening, ref call);
        made.VersionNotIncremented = !isVersion || version!.CompareTo(latest) <= 0;
        if (latest is not null)
        {
            made.SetLatestPublishedVersion(latest.ToString());
        }

        call.Make(made.Length);
    }
}
