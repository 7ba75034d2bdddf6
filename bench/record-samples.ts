/** Records as a tax adviser has them, made from word lists: the same ones for the same seed, no two people alike. */
export interface RecordSamples {
  company(): Record<string, string>;
  person(): Record<string, string>;
}

const words = (list: string) => list.trim().split(/\s*,\s*/);
const lists = {
  first:
    words(`Ana, Benjamín, Camila, Diego, Elisa, Felipe, Gabriela, Hernán, Isidora, Joaquín, Karina, Leonardo, Macarena, Nicolás, Olivia,
    Patricio, Renata, Sebastián, Tamara, Vicente, Ximena, Yasna, Ignacio, Florencia, Matías, Antonia, Cristóbal, Daniela, Emilio, Francisca`),
  last: words(`Araya, Bravo, Castillo, Díaz, Espinoza, Fuentes, González, Henríquez, Ibarra, Jara, Leiva, Muñoz, Navarro, Olivares, Pizarro,
    Quiroga, Rojas, Sepúlveda, Tapia, Urrutia, Valdés, Yáñez, Zúñiga, Contreras, Medina, Orellana, Riquelme, Salazar, Toledo, Vergara`),
  role: words('representante legal, contador, administrador, socio, asistente contable, encargado de remuneraciones'),
  regime: words('ProPyme General, ProPyme Transparente, Semi Integrado, Renta Presunta, Sin contabilidad completa'),
  activity:
    words(`Venta al por menor en comercios, Servicios de consultoría, Transporte de carga por carretera, Restaurantes, Obras menores en construcción,
    Cultivo de uva, Programación informática, Arriendo de inmuebles, Servicios de peluquería, Venta de vehículos, Elaboración de pan, Corretaje de propiedades,
    Servicios de contabilidad, Reparación de maquinaria, Enseñanza particular, Actividades de arquitectura, Gimnasios, Servicios de publicidad, Hoteles, Fotografía`),
};

export function createRecordSamples(seed: number): RecordSamples {
  let state = seed;
  // mulberry32
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(random() * end);
  const pick = (list: string[]) => list[below(list.length)] ?? '';
  const day = () =>
    `${2000 + below(25)}-${String(1 + below(12)).padStart(2, '0')}-${String(1 + below(28)).padStart(2, '0')}`;
  const name = () => `${pick(lists.first)} ${pick(lists.first)} ${pick(lists.last)} ${pick(lists.last)}`;
  let people = 0;
  return {
    company: () => ({
      name: `${pick(lists.last)} y ${pick(lists.last)} SpA`,
      ...{ tax_regime: pick(lists.regime), activity: pick(lists.activity), legal_representative: name() },
      ...{ start_date: day(), accounting_start: day() },
    }),
    person: () => {
      const full = name();
      const [first = '', , last = ''] = full.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().split(' ');
      const number = people++;
      return {
        ...{ full_name: full, email: `${first}.${last}${number}@example.cl`, role: pick(lists.role) },
        phone: `+56 9 ${String(4_000 + below(6_000))} ${String(number).padStart(4, '0')}`,
      };
    },
  };
}
