using System.Net;
using Estream.Net.Multicast;

namespace Estream.Host.Runtime;

/// <summary>A section of <c>Multicast</c>: a queue to publish, or a copy to rebuild. Exactly one of <see cref="Publisher"/> and
/// <see cref="Subscriber"/> is set.</summary>
/// <param name="Name">The name of the section.</param>
/// <param name="Queue">The queue of the host to publish, or the name of the copy.</param>
/// <param name="Channel">The network.</param>
internal sealed record MulticastPlan(string Name, string Queue, MulticastChannelOptions Channel)
{
    public MulticastPublisherOptions? Publisher { get; init; }

    public MulticastSubscriberOptions? Subscriber { get; init; }

    /// <summary>The role in the console and in metrics: <c>publisher</c> or <c>subscriber</c>.</summary>
    public string Role => Publisher is null ? "subscriber" : "publisher";

    public IPEndPoint EndPoint => Channel.EndPoint;
}
