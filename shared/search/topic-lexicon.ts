/** What a topic is told by: words in English and in Spanish, and sentences that stand for it. The model reads English only. */
export interface TopicEntry {
  english: string;
  spanish: string;
  sentences: string[];
}

/** A further topic is a further entry; nothing else names them. */
export const topicLexicon: Record<string, TopicEntry> = {
  health: {
    english:
      'health doctor dentist hospital clinic medicine medication pill pills allergy allergic sick ill illness ' +
      'disease diabetes asthma surgery injury pain headache migraine fever flu diagnosis symptom symptoms ' +
      'vaccine insulin blood therapy knee prescription physiotherapy nurse swollen cough rash nausea dizzy ' +
      'tooth teeth heart cholesterol surgeon crutches bandage inhaler operation pregnancy',
    spanish:
      'salud médico médica doctora medicina pastilla pastillas alergia alérgico alérgica enfermo enferma ' +
      'enfermedad dolor fiebre gripe cirugía lesión clínica síntoma vacuna dentista receta sangre cabeza ' +
      'espalda rodilla corazón diente dientes mareo tos duele operación cirujano presión inhalador',
    sentences: [
      'I have an appointment with my doctor about my blood pressure',
      'I am allergic to penicillin',
      'My back hurts and I take painkillers',
      'I was diagnosed with asthma',
      'I had a fever and stayed in bed sick',
      'My shoulder is swollen and I see a physiotherapist',
      'The nurse renewed my prescription',
      'Certain plants give me a rash',
    ],
  },
  fitness: {
    english:
      'workout workouts gym exercise run running runner jog marathon yoga pilates training lift lifting squat ' +
      'squats weights cardio swim swimming bike cycling hike steps fitness stretch pushups muscle rowing row ' +
      'climb climbing sprint sweat dumbbell',
    spanish:
      'gimnasio ejercicio ejercicios correr corro corrí entrenar entreno entrenamiento pesas nadar natación ' +
      'bicicleta maratón caminar estiramientos músculo abdominales nado remar escalar',
    sentences: [
      'I want to work out three times a week',
      'I ran ten kilometres this morning',
      'I lifted weights at the gym',
      'I am training for a marathon',
      'I did yoga and stretching before breakfast',
      'I did fifty sit-ups and a set of squats',
      'I beat my fastest time on the track',
      'I missed my training session',
    ],
  },
  food: {
    english:
      'food eat eating ate cook cooking cooked recipe restaurant dinner lunch breakfast meal vegetarian vegan ' +
      'coffee tea pizza pasta bread cheese sushi dessert cake chocolate soup salad snack hungry delicious bake ' +
      'baking meat fish vegetables fruit spicy diet drink beer wine juice toast butter rice dish dishes flavour ' +
      'flavor taste olives curry',
    spanish:
      'comida comer comí cocinar cocina receta restaurante cena almuerzo desayuno vegetariano vegetariana ' +
      'vegano vegana café té pan queso postre torta sopa ensalada hambre carne pescado verduras fruta picante ' +
      'dieta beber cerveza vino jugo arroz huevo plato sabor',
    sentences: [
      'My favourite food is lasagna',
      'I do not eat meat or fish',
      'We had dinner at a nice restaurant',
      'I cooked soup from a new recipe',
      'I drink two cups of coffee in the morning',
      'I hate the taste of olives',
      'We ate at the Indian restaurant downtown',
      'My best dish is a vegetable curry',
    ],
  },
  work: {
    english:
      'work job boss manager colleague coworker coworkers office company career promotion interview project ' +
      'client clients deadline startup employee employer hired fired resign meeting business quit quitting ' +
      'retire retired unemployed contract shift payroll engineer teach supervisor warehouse salesman freelance',
    spanish:
      'trabajo trabajar trabaja trabajas empleo jefe jefa colega oficina empresa carrera ascenso entrevista ' +
      'proyecto cliente clientes reunión despedido renunciar sueldo negocio jubilado desempleado contrato turno ' +
      'oficio ingeniero ingeniera enfermero enfermera gerente',
    sentences: [
      'I work as an engineer at a software company',
      'My boss gave me a new project with a tight deadline',
      'I got promoted to team leader',
      'I have a job interview at a bank',
      'My colleagues and I presented to the client',
      'I got a job as a cook',
      'I want to quit my job and found a company',
      'The report for my supervisor is late',
    ],
  },
  money: {
    english:
      'money budget save saving savings debt loan mortgage rent salary pay paid bill bills tax taxes invest ' +
      'investment bank credit expensive cheap cost price dollars euros afford owe wallet account buy bought ' +
      'lottery pension spend spent cash fund wage',
    spanish:
      'dinero presupuesto ahorrar ahorro ahorros deuda préstamo hipoteca arriendo alquiler salario pagar pago ' +
      'cuenta impuesto impuestos invertir inversión banco crédito caro barato precio pesos tarjeta comprar ' +
      'compré debo pensión plata gastar gasto gastos efectivo',
    sentences: [
      'I want to save money for a deposit',
      'I have to pay off my credit card debt',
      'My monthly budget is too tight',
      'I put part of my salary into investments',
      'The rent and the bills went up',
      'I owe my cousin a hundred dollars',
      'Groceries have become so expensive',
    ],
  },
  family: {
    english:
      'family mother mom mum father dad parents sister brother son daughter kid kids child children baby ' +
      'grandmother grandma grandfather grandpa aunt uncle cousin nephew niece pregnant godfather godmother ' +
      'stepfather stepmother twins',
    spanish:
      'familia madre mamá padre papá padres hermana hermano hijo hija hijos hijas niño niña niños bebé abuela ' +
      'abuelo tía tío primo prima sobrino sobrina embarazada padrino madrina gemelos suegra suegro',
    sentences: [
      'My sister has two small children',
      'My mother turned seventy',
      'I took my son to school',
      'We visited my grandparents on Sunday',
      'My brother is older than me',
      'My aunt and my cousins came to visit',
      'My father is a carpenter',
    ],
  },
  relationships: {
    english:
      'wife husband girlfriend boyfriend partner fiancé fiancée dating marry married marriage wedding divorce ' +
      'divorced breakup anniversary friend friends friendship roommate engaged engagement separation ex ' +
      'flatmate romantic',
    spanish:
      'esposa esposo marido novia novio pareja casado casada casarse matrimonio boda divorcio aniversario amigo ' +
      'amiga amigos amigas amistad separación compromiso ex',
    sentences: [
      'My wife and I celebrate our anniversary',
      'I broke up with my boyfriend',
      'My best friend and I had an argument',
      'We are getting married in June',
      'I went on a date with someone nice',
      'We split up last year and no longer talk',
      'My friend from school and I are very close',
    ],
  },
  learning: {
    english:
      'learn learning study studying studied student school university college class classes course exam exams ' +
      'homework teacher degree lesson lessons book language grade thesis test failed passed professor ' +
      'vocabulary practise lecture semester essay tutor',
    spanish:
      'aprender aprendo aprendiendo estudiar estudio estudia estudiando estudiante escuela colegio universidad ' +
      'clase clases curso examen exámenes tarea profesor profesora título lección idioma tesis aprobé reprobé ' +
      'semestre vocabulario ensayo',
    sentences: [
      'I am learning French with an app',
      'I have an exam in mathematics',
      'I am studying biology at university',
      'I signed up for an online course in programming',
      'My teacher liked my essay',
      'I failed the test in physics',
      'I practise Spanish words each day',
      'I am writing my final paper',
    ],
  },
  travel: {
    english:
      'travel traveling travelling trip vacation holiday flight fly airport hotel passport visa luggage ' +
      'suitcase beach tour tourist abroad train airline station ticket tickets camped camp island cruise ' +
      'backpacking',
    spanish:
      'viaje viajar viajé vacaciones vuelo volar aeropuerto pasaporte maleta playa turista extranjero tren ' +
      'avión aerolínea vuelos pasaje pasajes equipaje isla crucero campamento',
    sentences: [
      'We are flying to Japan for our holiday',
      'I booked a hotel near the beach',
      'My passport expires this year',
      'I visited Rome and Paris last summer',
      'Our road trip through the mountains was great',
      'Our plane lands in Berlin tonight',
      'I lost my luggage on the train',
    ],
  },
  home: {
    english:
      'home house apartment flat kitchen bedroom bathroom garden furniture move moved moving neighbor neighbour ' +
      'neighborhood clean cleaning laundry renovate repair roof sofa landlord balcony dishwasher window windows ' +
      'heating leak leaking ceiling',
    spanish:
      'casa departamento piso dormitorio habitación baño jardín muebles mudanza mudarme mudé vecino vecina ' +
      'barrio limpiar limpieza lavar reparar techo sofá balcón ventana ventanas calefacción lavadora',
    sentences: [
      'We moved into a new apartment',
      'I have to clean the kitchen and do the laundry',
      'I planted tomatoes in the garden',
      'The roof of our house leaks',
      'I bought a sofa for the living room',
      'The heating and the windows need repair',
      'I painted the walls of my room',
    ],
  },
  pets: {
    english:
      'pet pets dog dogs puppy cat cats kitten vet veterinarian hamster parrot rabbit leash aquarium whiskers ' +
      'paw fur feed',
    spanish:
      'mascota mascotas perro perra perros cachorro gato gata gatos gatito veterinario veterinaria conejo loro ' +
      'patas',
    sentences: [
      'My dog loves the park',
      'Our cat is called Luna',
      'I adopted a puppy from the shelter',
      'I took the rabbit to the vet',
      'The puppy chewed my shoes',
      'My parrot sings all day',
    ],
  },
  hobbies: {
    english:
      'hobby hobbies paint painting draw drawing guitar piano music song band concert movie movies film series ' +
      'game games gaming chess photography camera photo knit knitting pottery novel read reading dance dancing ' +
      'sing singing football soccer tennis collect collecting collection records vinyl sculpture theatre ' +
      'theater fishing camping puzzle sewing craft',
    spanish:
      'pasatiempo pintar pintura dibujar guitarra música canción concierto película películas juego juegos ' +
      'ajedrez fotografía cámara tejer cerámica novela leer leyendo bailar cantar fútbol tenis coleccionar ' +
      'colección teatro pescar jugar rompecabezas coser',
    sentences: [
      'I play the guitar in a band',
      'I like painting landscapes',
      'We watched a film and loved it',
      'I read novels in the evening',
      'I play chess and video games online',
      'I collect old coins and stamps',
      'My favourite movie is a comedy',
      'I go to a pottery course at weekends',
    ],
  },
  mood: {
    english:
      'mood feel feeling felt happy sad anxious anxiety stressed stress depressed lonely tired exhausted angry ' +
      'excited nervous worried overwhelmed grateful calm motivated unmotivated proud energy cry crying empty ' +
      'upset bored scared frustrated hopeless pointless joy joyful miserable',
    spanish:
      'ánimo siento sentí feliz triste ansioso ansiosa ansiedad estrés estresado estresada deprimido deprimida ' +
      'cansado cansada agotado agotada enojado enojada contento contenta nervioso nerviosa preocupado ' +
      'preocupada agradecido agradecida tranquilo tranquila motivado motivada energía deprimente llorar ' +
      'aburrido aburrida asustado asustada frustrado frustrada angustia alegre alegría',
    sentences: [
      'I feel anxious and cannot relax',
      'I am so happy today',
      'I am exhausted and have no energy',
      'My mood is low this week',
      'I feel proud of myself',
      'I feel empty and hopeless',
      'Everything makes me nervous',
      'I rate my mood seven out of ten',
    ],
  },
  schedule: {
    english:
      'schedule calendar appointment reminder remind alarm reschedule agenda availability available morning ' +
      'mornings evening evenings weekday weekdays oclock ping busy tomorrow noon',
    spanish:
      'horario calendario cita recordatorio recuérdame recordar alarma reprogramar disponible mañanas tardes ' +
      'ocupado ocupada mañana mediodía',
    sentences: [
      'Remind me to call at five tomorrow',
      'I am free on Thursday after three',
      'Please move our appointment to Monday',
      'I prefer messages in the morning',
      'Set an alarm for seven',
      'Wake me up at six',
      'Can we meet on Tuesday instead',
      'Evenings suit me best',
    ],
  },
};
