using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Esf.Items;
using Estream.Fhir;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Store;

/// <summary>Writes and reads messages of the schema FhirCommit. Thread-safe.</summary>
internal static class CommitText
{
    private const int MessageReserve = 256;
    private const int ChangeReserve = 512;

    /// <summary>Facts of a resource that nothing is known about.</summary>
    public static readonly ResourceFacts NoFacts = new() { Type = "", Tokens = [], Patients = [], Labels = [] };

    /// <summary>A length that is sufficient for the message.</summary>
    public static int MaxLength(IReadOnlyList<ResourceChange> changes) =>
        MessageReserve + changes.Sum(change => ChangeReserve + change.Text.Length);

    /// <summary>Writes a message with private fields in plaintext.</summary>
    /// <returns>The length.</returns>
    public static int Write(IReadOnlyList<ResourceChange> changes, string author, Span<byte> destination)
    {
        FhirCommit.Writer writer = FhirCommit.Write(destination);
        writer.ChangeCount = (uint)changes.Count;
        var items = writer.BeginChanges();
        foreach (ResourceChange change in changes)
        {
            FhirCommit.ChangesItemWriter item = items.Begin();
            item.SetType(change.Type);
            item.SetId(change.Id);
            item.Version = (ulong)change.Version;
            item.LastUpdated = change.LastUpdated;
            item.Interaction = change.Interaction;
            if (author.Length > 0)
            {
                item.SetAuthor(author);
            }

            if (change.Interaction != Interaction.Delete)
            {
                item.SetResource(change.Text);
            }

            items.End(item);
        }

        writer.EndChanges(items);
        return writer.Length;
    }

    /// <summary>Reads the changes of an opened message.</summary>
    /// <returns>False if the message is not a commit, or its changes are withheld.</returns>
    public static bool TryRead(ReadOnlySpan<byte> opened, out EsfArray<FhirCommit.ChangesItemView, FhirCommit.ChangesItemView> changes)
    {
        changes = default;
        return FhirCommit.View.TryOf(opened, out FhirCommit.View view) && view.Changes.TryGet(out changes);
    }

    /// <summary>Reads a change with its facts.</summary>
    public static ResourceChange ToChange(FhirCommit.ChangesItemView view, FactReader facts)
    {
        string type = Encoding.UTF8.GetString(view.Type);
        string id = Encoding.UTF8.GetString(view.Id);
        byte[] text = view.HasResource ? view.Resource.ToArray() : [];
        using JsonDocument? json = text.Length > 0 ? ResourceStore.TryParse(text) : null;
        return new ResourceChange(
            type, id, (long)view.Version, view.LastUpdated, view.Interaction, text,
            json is null ? NoFacts : facts.Read(json.RootElement, type, id))
        {
            Author = Encoding.UTF8.GetString(view.Author),
        };
    }
}
